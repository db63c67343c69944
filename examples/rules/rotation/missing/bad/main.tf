terraform {
  required_providers {
    aws    = { source = "hashicorp/aws" }
    random = { source = "hashicorp/random" }
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

# A generated login that nothing ever changes.
resource "secret" "orders_db" {
  name        = "prod/orders/db"
  description = "Orders service database login"
  owner       = "team-orders"
  generate    = { kind = "password", length = 32 }
}

# A value is written once, at the first apply, and stays.
resource "aws_kms_key" "orders" {
  description         = "Encrypts the secrets of the orders service"
  enable_key_rotation = true
}

ephemeral "random_password" "smtp" {
  length = 32
}

resource "aws_secretsmanager_secret" "smtp" {
  name                    = "prod/orders/smtp"
  description             = "SMTP relay login of the orders service"
  kms_key_id              = aws_kms_key.orders.arn
  recovery_window_in_days = 14
  tags                    = { owner = "team-orders" }
}

resource "aws_secretsmanager_secret_version" "smtp" {
  secret_id                = aws_secretsmanager_secret.smtp.id
  secret_string_wo         = ephemeral.random_password.smtp.result
  secret_string_wo_version = 1
}
