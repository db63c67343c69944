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

resource "aws_secretsmanager_secret" "orders_api" {
  name                    = "prod/orders/api"
  description             = "Key of the payment gateway"
  kms_key_id              = "alias/orders"
  recovery_window_in_days = 14
  tags                    = { owner = "team-orders" }
}

# Left out: the provider's default of 30 days.
resource "aws_secretsmanager_secret" "orders_smtp" {
  name        = "prod/orders/smtp"
  description = "SMTP relay login of the orders service"
  kms_key_id  = "alias/orders"
  tags        = { owner = "team-orders" }
}

resource "secret" "orders_db" {
  name                 = "prod/orders/db"
  description          = "Orders service database login"
  owner                = "team-orders"
  recovery_window_days = 7
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

resource "aws_secretsmanager_secret_rotation" "orders_smtp" {
  secret_id           = aws_secretsmanager_secret.orders_smtp.id
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-smtp"
  rotation_rules {
    automatically_after_days = 30
  }
}
