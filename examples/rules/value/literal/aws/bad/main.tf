terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# Every argument that takes a password: of a warehouse,
resource "aws_redshift_cluster" "orders" {
  cluster_identifier        = "orders"
  node_type                 = "ra3.large"
  encrypted                 = true
  master_username           = "orders"
  master_password           = "Rz71-harbour"
  final_snapshot_identifier = "orders-final"
  tags                      = { owner = "team-orders" }
}

# of a document database,
resource "aws_docdb_cluster" "orders" {
  cluster_identifier        = "orders"
  storage_encrypted         = true
  master_username           = "orders"
  master_password           = "Rz71-harbour"
  final_snapshot_identifier = "orders-final"
  tags                      = { owner = "team-orders" }
}

# in a block of a search domain,
resource "aws_opensearch_domain" "orders" {
  domain_name = "orders"
  advanced_security_options {
    enabled                        = true
    internal_user_database_enabled = true
    master_user_options {
      master_user_name     = "orders"
      master_user_password = "Rz71-harbour"
    }
  }
  tags = { owner = "team-orders" }
}

# of each user of a broker,
resource "aws_mq_broker" "orders" {
  broker_name        = "orders"
  engine_type        = "ActiveMQ"
  engine_version     = "5.18"
  host_instance_type = "mq.t3.micro"
  user {
    username = "orders"
    password = "Rz71-harbour"
  }
  tags = { owner = "team-orders" }
}

# in a set of passwords of a cache's user.
resource "aws_elasticache_user" "orders" {
  user_id       = "orders"
  user_name     = "orders"
  engine        = "valkey"
  access_string = "on ~* +@all"
  passwords     = ["Rz71-harbour-lights"]
  tags          = { owner = "team-orders" }
}
