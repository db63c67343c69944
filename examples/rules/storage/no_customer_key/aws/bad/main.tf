terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# The master password that RDS keeps is encrypted with aws/secretsmanager where no key is named.
resource "aws_db_instance" "orders" {
  identifier                  = "orders"
  engine                      = "postgres"
  instance_class              = "db.t4g.medium"
  allocated_storage           = 20
  storage_encrypted           = true
  username                    = "orders"
  manage_master_user_password = true
  final_snapshot_identifier   = "orders-final"
  tags                        = { owner = "team-orders" }
}

# The same for Redshift.
resource "aws_redshift_cluster" "orders" {
  cluster_identifier        = "orders"
  node_type                 = "ra3.large"
  encrypted                 = true
  master_username           = "orders"
  manage_master_password    = true
  final_snapshot_identifier = "orders-final"
  tags                      = { owner = "team-orders" }
}
