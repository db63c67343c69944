terraform {
  required_providers {
    aws        = { source = "hashicorp/aws" }
    kubernetes = { source = "hashicorp/kubernetes" }
    random     = { source = "hashicorp/random" }
    secret     = { source = "secretlint/secret" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

provider "secret" {
  local {
    path = ".secrets"
  }
}

# The store's password is made inside apply and seen by nobody; the public parts stay readable here.
resource "secret" "orders_db" {
  name        = "prod/orders/db"
  description = "Orders service database login"
  owner       = "team-orders"
  generate    = { kind = "password", length = 32, field = "password" }
  fields      = { username = "orders", host = "db.internal", port = "5432" }
}

resource "secret_rotation" "orders_db" {
  secret_id = secret.orders_db.id
  schedule  = "rate(30 days)"
  strategy  = "regenerate"
}

# An ephemeral value goes through a write-only argument: it is in no file, plan or state.
ephemeral "random_password" "smtp" {
  length = 32
}

resource "aws_secretsmanager_secret_version" "smtp" {
  secret_id                = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/smtp-d4e5f6"
  secret_string_wo         = ephemeral.random_password.smtp.result
  secret_string_wo_version = 1
}

# RDS makes and rotates the master login itself.
resource "aws_db_instance" "orders" {
  identifier                    = "orders"
  engine                        = "postgres"
  instance_class                = "db.t4g.medium"
  allocated_storage             = 20
  storage_encrypted             = true
  username                      = "orders"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = "alias/orders"
  final_snapshot_identifier     = "orders-final"
  tags                          = { owner = "team-orders" }
}

resource "kubernetes_secret_v1" "smtp" {
  metadata {
    name      = "smtp"
    namespace = "orders"
    labels    = { owner = "team-orders" }
  }
  data_wo = {
    username = "orders"
    password = ephemeral.random_password.smtp.result
  }
  data_wo_revision = 1
}

# A name, a host or a length is not a secret, whatever the variable is called.
variable "password_length" {
  type    = number
  default = 32
}

variable "db_password_secret_name" {
  type    = string
  default = "prod/orders/db"
}
