terraform {
  required_providers {
    aws        = { source = "hashicorp/aws" }
    kubernetes = { source = "hashicorp/kubernetes" }
    random     = { source = "hashicorp/random" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

# `ephemeral` instead of `resource`: the value lives as long as the run, and write-only arguments take it.
ephemeral "random_password" "orders_db" {
  length = 32
}

resource "aws_secretsmanager_secret_version" "orders_db" {
  secret_id                = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-a1b2c3"
  secret_string_wo         = ephemeral.random_password.orders_db.result
  secret_string_wo_version = 1
}

resource "aws_ssm_parameter" "orders_db" {
  name             = "/prod/orders/db/password"
  description      = "Login of the orders service at its database"
  type             = "SecureString"
  key_id           = "alias/orders"
  value_wo         = ephemeral.random_password.orders_db.result
  value_wo_version = 1
  tags             = { owner = "team-orders" }
}

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

resource "kubernetes_secret_v1" "orders_db" {
  metadata {
    name      = "orders-db"
    namespace = "orders"
    labels    = { owner = "team-orders" }
  }
  data_wo = {
    username = "orders"
    password = ephemeral.random_password.orders_db.result
  }
  data_wo_revision = 1
}
