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

ephemeral "random_password" "orders_db" {
  length = 32
}

resource "secret" "orders_db" {
  name        = "prod/orders/db"
  description = "Orders service database login"
  owner       = "team-orders"
  generate    = { kind = "password", length = 32 }
}

resource "secret_rotation" "orders_db" {
  secret_id = secret.orders_db.id
  schedule  = "rate(30 days)"
  strategy  = "regenerate"
}

resource "aws_secretsmanager_secret" "orders_api" {
  name                    = "prod/orders/api"
  description             = "Key of the payment gateway"
  kms_key_id              = "alias/orders"
  recovery_window_in_days = 14
  tags                    = { owner = "team-orders", service = "orders" }
}

resource "aws_ssm_parameter" "orders_db" {
  name             = "/prod/orders/db/password"
  description      = "Login of the orders service at its database"
  type             = "SecureString"
  key_id           = "alias/orders"
  value_wo         = ephemeral.random_password.orders_db.result
  value_wo_version = 1
  tags             = { Team = "orders" }
}

resource "kubernetes_secret_v1" "orders_db" {
  metadata {
    name        = "orders-db"
    namespace   = "orders"
    annotations = { owner = "team-orders" }
  }
  data_wo = {
    password = ephemeral.random_password.orders_db.result
  }
  data_wo_revision = 1
}

resource "aws_secretsmanager_secret_rotation" "orders_api" {
  secret_id           = aws_secretsmanager_secret.orders_api.id
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-api-key"
  rotation_rules {
    automatically_after_days = 30
  }
}
