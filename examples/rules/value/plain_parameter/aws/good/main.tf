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

# A SecureString takes two permissions to read: one on the parameter, one on the key.
resource "aws_ssm_parameter" "password" {
  name             = "/prod/orders/db/password"
  description      = "Login of the orders service at its database"
  type             = "SecureString"
  key_id           = "alias/orders"
  value_wo         = ephemeral.random_password.orders_db.result
  value_wo_version = 1
  tags             = { owner = "team-orders" }
}

# What is no secret may be a String.
resource "aws_ssm_parameter" "upstream" {
  name           = "/prod/orders/upstream"
  description    = "Where the orders are"
  type           = "String"
  insecure_value = "postgres://db.internal:5432/orders"
  tags           = { owner = "team-orders" }
}
