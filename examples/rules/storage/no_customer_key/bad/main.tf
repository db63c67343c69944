terraform {
  required_providers {
    aws    = { source = "hashicorp/aws" }
    random = { source = "hashicorp/random" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# No key named: Secrets Manager uses aws/secretsmanager, whose policy nobody can narrow.
resource "aws_secretsmanager_secret" "orders_api" {
  name                    = "prod/orders/api"
  description             = "Key of the payment gateway"
  recovery_window_in_days = 14
  tags                    = { owner = "team-orders" }
}

# The AWS managed key by name is the same key.
resource "aws_secretsmanager_secret" "orders_smtp" {
  name                    = "prod/orders/smtp"
  description             = "SMTP relay login of the orders service"
  kms_key_id              = "alias/aws/secretsmanager"
  recovery_window_in_days = 14
  tags                    = { owner = "team-orders" }
}

# A SecureString without key_id uses aws/ssm.
resource "aws_ssm_parameter" "orders_db" {
  name             = "/prod/orders/db/password"
  description      = "Login of the orders service at its database"
  type             = "SecureString"
  value_wo         = ephemeral.random_password.orders_db.result
  value_wo_version = 1
  tags             = { owner = "team-orders" }
}

ephemeral "random_password" "orders_db" {
  length = 32
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
