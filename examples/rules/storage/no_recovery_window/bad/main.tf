terraform {
  required_providers {
    aws    = { source = "hashicorp/aws" }
    secret = { source = "secretlint/secret" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

provider "secret" {
  local {
    path = ".secrets"
  }
}

# 0: a deletion by mistake cannot be taken back.
resource "aws_secretsmanager_secret" "orders_api" {
  name                    = "prod/orders/api"
  description             = "Key of the payment gateway"
  kms_key_id              = "alias/orders"
  recovery_window_in_days = 0
  tags                    = { owner = "team-orders" }
}

# Two days: a deletion on a Friday is noticed too late.
resource "secret" "orders_db" {
  name                 = "prod/orders/db"
  description          = "Orders service database login"
  owner                = "team-orders"
  recovery_window_days = 2
  generate             = { kind = "password", length = 32 }
}

resource "secret_rotation" "orders_db" {
  secret_id = secret.orders_db.id
  schedule  = "rate(30 days)"
  strategy  = "regenerate"
}

resource "aws_secretsmanager_secret_rotation" "orders_api" {
  secret_id           = aws_secretsmanager_secret.orders_api.id
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-api-key"
  rotation_rules {
    automatically_after_days = 30
  }
}
