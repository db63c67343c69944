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

# RDS makes the password, keeps it in Secrets Manager and rotates it every seven days; so does Redshift.
resource "aws_db_instance" "orders" {
  identifier                    = "orders"
  engine                        = "postgres"
  instance_class                = "db.t4g.medium"
  allocated_storage             = 20
  storage_encrypted             = true
  username                      = "orders"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = aws_kms_key.orders.arn
  final_snapshot_identifier     = "orders-final"
  tags                          = { owner = "team-orders" }
}

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

# A token of IAM is good for fifteen minutes.
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
