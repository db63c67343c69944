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

# In a year nobody knows what breaks when this one is changed.
resource "aws_secretsmanager_secret" "orders_api" {
  name       = "prod/orders/api"
  kms_key_id = "alias/orders"
  tags       = { owner = "team-orders" }
}

resource "aws_secretsmanager_secret_rotation" "orders_api" {
  secret_id           = aws_secretsmanager_secret.orders_api.id
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-api-key"
  rotation_rules {
    automatically_after_days = 30
  }
}

# A name says where a value is used, not what it opens.
resource "aws_ssm_parameter" "orders_db" {
  name             = "/prod/orders/db/password"
  type             = "SecureString"
  key_id           = "alias/orders"
  value_wo         = ephemeral.random_password.orders_db.result
  value_wo_version = 1
  tags             = { owner = "team-orders" }
}
