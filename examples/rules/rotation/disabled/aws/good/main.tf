terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

resource "aws_secretsmanager_secret" "orders" {
  name        = "prod/orders/db"
  description = "Login of the orders service to its database"
  kms_key_id  = "alias/orders"
  tags        = { owner = "team-orders" }
}

# It runs, as the state beside this file says.
resource "aws_secretsmanager_secret_rotation" "orders" {
  secret_id           = aws_secretsmanager_secret.orders.id
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-orders"

  rotation_rules {
    automatically_after_days = 30
  }
}
