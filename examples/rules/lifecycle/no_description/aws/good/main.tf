terraform {
  required_providers {
    aws    = { source = "hashicorp/aws" }
    random = { source = "hashicorp/random" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

ephemeral "random_password" "orders_db" {
  length = 32
}

# What it opens, and who gives out a new one.
resource "aws_secretsmanager_secret" "orders_api" {
  name        = "prod/orders/api"
  description = "Key of the payment gateway, from its console under API access"
  kms_key_id  = "alias/orders"
  tags        = { owner = "team-orders" }
}

resource "aws_secretsmanager_secret_rotation" "orders_api" {
  secret_id           = aws_secretsmanager_secret.orders_api.id
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-api-key"
  rotation_rules {
    automatically_after_days = 30
  }
}

# For a parameter too.
resource "aws_ssm_parameter" "orders_db" {
  name             = "/prod/orders/db/password"
  description      = "Login of the orders service at its database, changed by the database team"
  type             = "SecureString"
  key_id           = "alias/orders"
  value_wo         = ephemeral.random_password.orders_db.result
  value_wo_version = 1
  tags             = { owner = "team-orders" }
}
