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

# Principal "*": everybody with an AWS account, and nobody in particular.
resource "aws_secretsmanager_secret_policy" "orders_db" {
  secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-a1b2c3"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "ReadOrdersLogin"
      Effect    = "Allow"
      Principal = "*"
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })
}

# { AWS = "*" } is the same as "*", and a key that anybody may decrypt with protects nothing.
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
        Sid       = "Decrypt"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = ["kms:Decrypt", "kms:DescribeKey"]
        Resource  = "*"
      },
    ]
  })
}

# The role's ARN is known only after apply, and the whole document with it: reported as undetermined.
resource "aws_iam_role" "orders" {
  name = "orders"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_secretsmanager_secret_policy" "payments_api" {
  secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/payments/api-0a9b8c"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = aws_iam_role.orders.arn }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })
}

# The group of everybody who has logged in to the cluster, every service account among them.
resource "kubernetes_role_v1" "read_orders_login" {
  metadata {
    name      = "read-orders-login"
    namespace = "orders"
  }
  rule {
    api_groups     = [""]
    resources      = ["secrets"]
    resource_names = ["orders-db"]
    verbs          = ["get"]
  }
}

resource "kubernetes_role_binding_v1" "read_orders_login" {
  metadata {
    name      = "read-orders-login"
    namespace = "orders"
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = "read-orders-login"
  }
  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = "system:authenticated"
  }
}
