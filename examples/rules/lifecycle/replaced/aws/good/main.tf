terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# The secret keeps its name; a better description is a change in place.
resource "aws_secretsmanager_secret" "orders" {
  name        = "prod/orders/db"
  description = "Login of the orders service to its database"
  kms_key_id  = aws_kms_key.orders.arn
  tags        = { owner = "team-orders" }

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_secretsmanager_secret_rotation" "orders" {
  secret_id           = aws_secretsmanager_secret.orders.id
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-orders"

  rotation_rules {
    automatically_after_days = 30
  }
}

resource "aws_kms_key" "orders" {
  description         = "Encrypts the secrets of the orders service"
  enable_key_rotation = true
}

# The key of several regions is made beside the old one; what it encrypts moves over later.
resource "aws_kms_key" "orders_everywhere" {
  description         = "Encrypts the secrets of the orders service in every region"
  enable_key_rotation = true
  multi_region        = true
}
