terraform {
  required_providers {
    aws        = { source = "hashicorp/aws" }
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

resource "aws_iam_role_policy" "orders" {
  name = "own-secrets"
  role = "orders"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Secrets"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
        Resource = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-??????"
      },
      {
        # A wildcard inside a name that only reads is a way of writing, not more rights.
        Sid      = "Parameters"
        Effect   = "Allow"
        Action   = ["ssm:GetParameter*"]
        Resource = "arn:aws:ssm:eu-central-1:123456789012:parameter/prod/orders/*"
      },
      {
        # Forbidding everything is not granting it.
        Sid      = "NeverBilling"
        Effect   = "Deny"
        Action   = "secretsmanager:*"
        Resource = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/billing/*"
      },
    ]
  })
}

# The account itself keeps kms:*, so that a key can always be administered: AWS writes it into every default policy.
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
        Sid       = "OrdersUses"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::123456789012:role/orders" }
        Action    = ["kms:Decrypt", "kms:DescribeKey"]
        Resource  = "*"
      },
    ]
  })
}

resource "kubernetes_role_v1" "orders" {
  metadata {
    name      = "orders"
    namespace = "orders"
  }
  rule {
    api_groups     = [""]
    resources      = ["secrets"]
    resource_names = ["orders-db"]
    verbs          = ["get"]
  }
}
