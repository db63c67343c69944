terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# NotAction with Allow: every action but the one named, and every one that AWS adds.
resource "aws_iam_role_policy" "orders" {
  name = "orders"
  role = "orders"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AllButDelete"
        Effect    = "Allow"
        NotAction = "secretsmanager:DeleteSecret"
        Resource  = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-??????"
      },
      {
        # NotResource with Allow: every secret but those of one team.
        Sid         = "AllButBilling"
        Effect      = "Allow"
        Action      = "secretsmanager:GetSecretValue"
        NotResource = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/billing/*"
      },
    ]
  })
}

# NotPrincipal with Allow: everybody in the world but the one named.
resource "aws_secretsmanager_secret_policy" "billing_db" {
  secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/billing/db-d4e5f6"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid          = "EverybodyButTheIntern"
      Effect       = "Allow"
      NotPrincipal = { AWS = "arn:aws:iam::123456789012:user/intern" }
      Action       = "secretsmanager:GetSecretValue"
      Resource     = "*"
    }]
  })
}
