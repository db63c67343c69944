terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# Write here every shape that the rule must report, each with a line that says why it is bad.
resource "aws_secretsmanager_secret" "orders_api" {
  name                    = "prod/orders/api"
  kms_key_id              = "alias/orders"
  recovery_window_in_days = 14
  tags                    = { owner = "team-orders" }
}

resource "aws_secretsmanager_secret_rotation" "orders_api" {
  secret_id           = aws_secretsmanager_secret.orders_api.id
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-api-key"
  rotation_rules {
    automatically_after_days = 30
  }
}
