terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region              = "eu-central-1"
  allowed_account_ids = ["123456789012"]
}

# Another account's role, and nothing that says whose account it is.
resource "aws_secretsmanager_secret_policy" "orders_db" {
  secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-a1b2c3"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "SupplierReads"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:role/importer" }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })
}

# A whole account decrypts with the key: whoever its administrators let.
resource "aws_kms_key" "orders" {
  description         = "Encrypts the secrets of the orders service"
  enable_key_rotation = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AccountAdministers"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::123456789012:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "SupplierDecrypts"
        Effect    = "Allow"
        Principal = { AWS = "210987654321" }
        Action    = "kms:Decrypt"
        Resource  = "*"
      },
    ]
  })
}

# A supplier takes on the role, for itself or for another of its customers.
resource "aws_iam_role" "importer" {
  name = "importer"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::210987654321:root" }
      Action    = "sts:AssumeRole"
    }]
  })
}
