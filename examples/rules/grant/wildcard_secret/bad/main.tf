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

# Resource "*": every secret of the account, today's and next year's.
resource "aws_iam_policy" "read_secrets" {
  name = "read-secrets"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "ReadSecrets"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
      Resource = "*"
    }]
  })
}

# A long ARN that still names every secret; and every parameter.
resource "aws_iam_role_policy" "orders" {
  name = "read-configuration"
  role = "orders"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Secrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = "arn:aws:secretsmanager:*:123456789012:secret:*"
      },
      {
        Sid      = "Parameters"
        Effect   = "Allow"
        Action   = ["ssm:GetParameter", "ssm:GetParametersByPath"]
        Resource = "arn:aws:ssm:eu-central-1:123456789012:parameter/*"
      },
    ]
  })
}

# The key's ARN is known only after apply, and the whole document with it: reported as undetermined.
resource "aws_kms_key" "orders" {
  description         = "Encrypts the secrets of the orders service"
  enable_key_rotation = true
}

resource "aws_iam_role_policy" "orders_key" {
  name = "decrypt"
  role = "orders"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "kms:Decrypt"
      Resource = aws_kms_key.orders.arn
    }]
  })
}

# Without resource_names: every secret of every namespace.
resource "kubernetes_cluster_role_v1" "deployer" {
  metadata {
    name = "deployer"
  }
  rule {
    api_groups = [""]
    resources  = ["configmaps", "secrets"]
    verbs      = ["get"]
  }
}

# Every secret of one namespace, service account tokens among them.
resource "kubernetes_role_v1" "orders" {
  metadata {
    name      = "orders"
    namespace = "orders"
  }
  rule {
    api_groups = [""]
    resources  = ["secrets"]
    verbs      = ["get"]
  }
}
