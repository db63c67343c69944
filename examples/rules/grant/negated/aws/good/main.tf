terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# What is allowed is named.
resource "aws_iam_role_policy" "orders" {
  name = "orders"
  role = "orders"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Own"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
      Resource = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-??????"
    }]
  })
}

# A Deny may say "all but": it takes away.
resource "aws_secretsmanager_secret_policy" "billing_db" {
  secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/billing/db-d4e5f6"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid          = "NobodyElse"
      Effect       = "Deny"
      NotPrincipal = { AWS = "arn:aws:iam::123456789012:role/billing" }
      Action       = "secretsmanager:GetSecretValue"
      Resource     = "*"
    }]
  })
}
