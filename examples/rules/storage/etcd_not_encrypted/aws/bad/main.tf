terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# Without a key of your own nobody can take the cluster's Secrets away from whoever gets hold of a copy of etcd.
resource "aws_eks_cluster" "orders" {
  name                      = "orders"
  role_arn                  = "arn:aws:iam::123456789012:role/cluster"
  enabled_cluster_log_types = ["api", "audit", "authenticator"]
  vpc_config {
    subnet_ids = ["subnet-0a1b2c3d", "subnet-4e5f6a7b"]
  }
  tags = { owner = "team-platform" }
}
