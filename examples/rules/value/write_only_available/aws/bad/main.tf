terraform {
  required_providers {
    aws        = { source = "hashicorp/aws" }
    kubernetes = { source = "hashicorp/kubernetes" }
    random     = { source = "hashicorp/random" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

# A resource keeps its result in the state, marked sensitive or not, and there is an ephemeral one that does not.
resource "random_password" "orders_db" {
  length = 32
}

# And so does everything the value is passed to.
resource "aws_secretsmanager_secret_version" "orders_db" {
  secret_id     = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-a1b2c3"
  secret_string = random_password.orders_db.result
}

resource "aws_ssm_parameter" "orders_db" {
  name        = "/prod/orders/db/password"
  description = "Login of the orders service at its database"
  type        = "SecureString"
  key_id      = "alias/orders"
  value       = random_password.orders_db.result
  tags        = { owner = "team-orders" }
}

resource "aws_db_instance" "orders" {
  identifier                = "orders"
  engine                    = "postgres"
  instance_class            = "db.t4g.medium"
  allocated_storage         = 20
  storage_encrypted         = true
  username                  = "orders"
  password                  = random_password.orders_db.result
  final_snapshot_identifier = "orders-final"
  tags                      = { owner = "team-orders" }
}

resource "kubernetes_secret_v1" "orders_db" {
  metadata {
    name      = "orders-db"
    namespace = "orders"
    labels    = { owner = "team-orders" }
  }
  data = {
    username = "orders"
    password = random_password.orders_db.result
  }
}
