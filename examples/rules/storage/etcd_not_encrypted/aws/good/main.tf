terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

resource "aws_kms_key" "orders" {
  description         = "Encrypts the Secrets of the cluster"
  enable_key_rotation = true
}

# Envelope encryption: each Secret with a data key, and that with the key of your own.
resource "aws_eks_cluster" "orders" {
  name                      = "orders"
  role_arn                  = "arn:aws:iam::123456789012:role/cluster"
  enabled_cluster_log_types = ["api", "audit", "authenticator"]
  encryption_config {
    resources = ["secrets"]
    provider {
      key_arn = aws_kms_key.orders.arn
    }
  }
  vpc_config {
    subnet_ids = ["subnet-0a1b2c3d", "subnet-4e5f6a7b"]
  }
  tags = { owner = "team-platform" }
}
