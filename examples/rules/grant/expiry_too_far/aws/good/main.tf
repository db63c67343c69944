terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# As long as the migration takes.
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
      Condition = { DateLessThan = { "aws:CurrentTime" = "2026-02-01T00:00:00Z" } }
    }]
  })
}
