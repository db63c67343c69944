terraform {
  required_providers {
    aws    = { source = "hashicorp/aws" }
    random = { source = "hashicorp/random" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

ephemeral "random_password" "orders_db" {
  length = 32
}

# The password is nowhere to be read, and stays the same for ever.
resource "aws_db_instance" "orders" {
  identifier                = "orders"
  engine                    = "postgres"
  instance_class            = "db.t4g.medium"
  allocated_storage         = 20
  storage_encrypted         = true
  username                  = "orders"
  password_wo               = ephemeral.random_password.orders_db.result
  password_wo_version       = 1
  final_snapshot_identifier = "orders-final"
  tags                      = { owner = "team-orders" }
}

resource "aws_redshift_cluster" "orders" {
  cluster_identifier         = "orders"
  node_type                  = "ra3.large"
  encrypted                  = true
  master_username            = "orders"
  master_password_wo         = ephemeral.random_password.orders_db.result
  master_password_wo_version = 1
  final_snapshot_identifier  = "orders-final"
  tags                       = { owner = "team-orders" }
}

# A password where the cache would take a token of IAM.
resource "aws_elasticache_user" "orders" {
  user_id       = "orders"
  user_name     = "orders"
  engine        = "valkey"
  access_string = "on ~* +@all"
  authentication_mode {
    type      = "password"
    passwords = ["Rz71-harbour-lights"]
  }
  tags = { owner = "team-orders" }
}
