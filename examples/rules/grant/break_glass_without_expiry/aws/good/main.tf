terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# Ends by itself.
resource "aws_secretsmanager_secret_policy" "orders_db" {
  secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-a1b2c3"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "BreakGlass"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::123456789012:role/on-call" }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
      Condition = { DateLessThan = { "aws:CurrentTime" = "2026-01-02T06:00:00Z" } }
    }]
  })
}

# A session with a second factor that is an hour old at most.
resource "aws_iam_role_policy" "emergency_access" {
  name = "emergency-access"
  role = "on-call"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/payments/*"
      Condition = { NumericLessThan = { "aws:MultiFactorAuthAge" = "3600" } }
    }]
  })
}
