terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region              = "eu-central-1"
  allowed_account_ids = ["123456789012"]
}

# Of other accounts those of the organisation.
resource "aws_secretsmanager_secret_policy" "orders_db" {
  secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-a1b2c3"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "ReportingReads"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:role/reporting" }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
      Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
    }]
  })
}

# A supplier's role, with the id that they made for this customer.
resource "aws_iam_role" "importer" {
  name = "importer"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:role/importer" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = "customer-4711" } }
    }]
  })
}
