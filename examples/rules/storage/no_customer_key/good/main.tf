terraform {
  required_providers {
    aws    = { source = "hashicorp/aws" }
    random = { source = "hashicorp/random" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# One key per service: who may decrypt is written in one place, and revoked in one place.
resource "aws_kms_key" "orders" {
  description         = "Encrypts the secrets of the orders service"
  enable_key_rotation = true
}

resource "aws_kms_alias" "orders" {
  name          = "alias/orders"
  target_key_id = aws_kms_key.orders.key_id
}

# The key is made in the same plan, so its ARN is not known yet; that it is a customer's key is.
resource "aws_secretsmanager_secret" "orders_api" {
  name                    = "prod/orders/api"
  description             = "Key of the payment gateway"
  kms_key_id              = aws_kms_key.orders.arn
  recovery_window_in_days = 14
  tags                    = { owner = "team-orders" }
}

ephemeral "random_password" "orders_db" {
  length = 32
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

# A plain String is not encrypted at all, and holds nothing to encrypt.
resource "aws_ssm_parameter" "orders_db_host" {
  name  = "/prod/orders/db/host"
  type  = "String"
  value = "db.internal"
  tags  = { owner = "team-orders" }
}

resource "aws_secretsmanager_secret_rotation" "orders_api" {
  secret_id           = aws_secretsmanager_secret.orders_api.id
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-api-key"
  rotation_rules {
    automatically_after_days = 30
  }
}
