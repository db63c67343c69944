terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# An end years away.
resource "aws_secretsmanager_secret_policy" "orders_db" {
  secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-a1b2c3"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "MigrationReads"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::123456789012:role/migration" }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
      Condition = { DateLessThan = { "aws:CurrentTime" = "2031-12-31T00:00:00Z" } }
    }]
  })
}

# An end that is none.
resource "aws_iam_role_policy" "auditor" {
  name = "audit"
  role = "auditor"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/billing/*"
      Condition = { DateLessThanEquals = { "aws:CurrentTime" = "9999-12-31" } }
    }]
  })
}
