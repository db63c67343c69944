terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

resource "aws_kms_key" "orders" {
  description         = "Encrypts the secrets of the orders service"
  enable_key_rotation = true
}

# The service makes the password, keeps it in Secrets Manager and rotates it.
resource "aws_redshift_cluster" "orders" {
  cluster_identifier                = "orders"
  node_type                         = "ra3.large"
  encrypted                         = true
  master_username                   = "orders"
  manage_master_password            = true
  master_password_secret_kms_key_id = aws_kms_key.orders.id
  final_snapshot_identifier         = "orders-final"
  tags                              = { owner = "team-orders" }
}

resource "aws_docdb_cluster" "orders" {
  cluster_identifier          = "orders"
  storage_encrypted           = true
  master_username             = "orders"
  manage_master_user_password = true
  final_snapshot_identifier   = "orders-final"
  tags                        = { owner = "team-orders" }
}

# A role as master user, and no password at all.
resource "aws_opensearch_domain" "orders" {
  domain_name = "orders"
  advanced_security_options {
    enabled                        = true
    internal_user_database_enabled = false
    master_user_options {
      master_user_arn = "arn:aws:iam::123456789012:role/search-admin"
    }
  }
  tags = { owner = "team-orders" }
}

# RabbitMQ takes the tokens of an identity provider; the cache takes those of IAM.
resource "aws_elasticache_user" "orders" {
  user_id       = "orders"
  user_name     = "orders"
  engine        = "valkey"
  access_string = "on ~* +@all"
  authentication_mode {
    type = "iam"
  }
  tags = { owner = "team-orders" }
}
