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

# A service's "*" is more than reading: it deletes the secret, rotates it, and hands it to other accounts.
resource "aws_iam_role_policy" "orders" {
  name = "own-secrets"
  role = "orders"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Secrets"
        Effect   = "Allow"
        Action   = "secretsmanager:*"
        Resource = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-??????"
      },
      {
        Sid      = "Parameters"
        Effect   = "Allow"
        Action   = ["ssm:*"]
        Resource = "arn:aws:ssm:eu-central-1:123456789012:parameter/prod/orders/*"
      },
      {
        Sid      = "AnythingOnOneSecret"
        Effect   = "Allow"
        Action   = "*"
        Resource = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/smtp-??????"
      },
    ]
  })
}

# kms:* is for the account that administers the key, not for the role that decrypts with it.
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
        Action    = "kms:*"
        Resource  = "*"
      },
    ]
  })
}

# Verb "*": may also overwrite and delete.
resource "kubernetes_role_v1" "orders" {
  metadata {
    name      = "orders"
    namespace = "orders"
  }
  rule {
    api_groups     = [""]
    resources      = ["secrets"]
    resource_names = ["orders-db"]
    verbs          = ["*"]
  }
}
