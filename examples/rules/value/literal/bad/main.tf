terraform {
  required_providers {
    aws        = { source = "hashicorp/aws" }
    kubernetes = { source = "hashicorp/kubernetes" }
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

# A default is a literal: everybody who can read the repository has it.
variable "smtp_password" {
  type      = string
  sensitive = true
  default   = "relay-Xk29-tulip"
}

# Written out in a secret's version.
resource "aws_secretsmanager_secret_version" "orders_db" {
  secret_id     = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-a1b2c3"
  secret_string = "orders-Rz71-harbour"
}

# Inside a JSON document it is still written out.
resource "aws_secretsmanager_secret_version" "orders_api" {
  secret_id = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/api-0a9b8c"
  secret_string = jsonencode({
    username = "orders"
    password = "api-Qm48-lantern"
  })
}

# A write-only argument keeps a value out of the state. It does not take it out of this file.
resource "aws_secretsmanager_secret_version" "billing_db" {
  secret_id                = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/billing/db-d4e5f6"
  secret_string_wo         = "billing-Vt53-meadow"
  secret_string_wo_version = 1
}

resource "aws_ssm_parameter" "orders_db" {
  name   = "/prod/orders/db/password"
  type   = "SecureString"
  key_id = "alias/orders"
  value  = "orders-Rz71-harbour"
  tags   = { owner = "team-orders" }
}

resource "aws_db_instance" "orders" {
  identifier                = "orders"
  engine                    = "postgres"
  instance_class            = "db.t4g.medium"
  allocated_storage         = 20
  storage_encrypted         = true
  username                  = "orders"
  password                  = "orders-Rz71-harbour"
  final_snapshot_identifier = "orders-final"
  tags                      = { owner = "team-orders" }
}

resource "kubernetes_secret_v1" "orders_db" {
  metadata {
    name      = "orders-db"
    namespace = "orders"
    labels    = { owner = "team-orders" }
  }
  data = {
    username = "orders"
    password = "orders-Rz71-harbour"
  }
}

# `fields` is for the public parts of a secret; a password belongs in `generate` or `fields_wo`.
resource "secret" "orders_db" {
  name        = "prod/orders/db"
  description = "Orders service database login"
  owner       = "team-orders"
  fields = {
    username = "orders"
    password = "orders-Rz71-harbour"
  }
}
