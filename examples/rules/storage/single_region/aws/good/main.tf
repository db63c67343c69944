terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

provider "aws" {
  alias  = "second"
  region = "eu-west-1"
}

# The service runs in two regions,
resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = "arn:aws:iam::123456789012:role/orders"
  runtime       = "provided.al2023"
  handler       = "bootstrap"
  filename      = "orders.zip"
}

resource "aws_lambda_function" "orders_second" {
  provider      = aws.second
  function_name = "orders"
  role          = "arn:aws:iam::123456789012:role/orders"
  runtime       = "provided.al2023"
  handler       = "bootstrap"
  filename      = "orders.zip"
}

# and so is its secret, as a replica that follows every change.
resource "aws_secretsmanager_secret" "orders_api" {
  name        = "prod/orders/api"
  description = "Key of the payment gateway"
  kms_key_id  = "alias/orders"
  tags        = { owner = "team-orders" }
  replica {
    region     = "eu-west-1"
    kms_key_id = "alias/orders"
  }
}

resource "aws_secretsmanager_secret_rotation" "orders_api" {
  secret_id           = aws_secretsmanager_secret.orders_api.id
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-api-key"
  rotation_rules {
    automatically_after_days = 30
  }
}
