terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# A String is not encrypted, and ssm:GetParameter is all that it takes to read one.
resource "aws_ssm_parameter" "password" {
  name        = "/prod/orders/db/password"
  description = "Login of the orders service at its database"
  type        = "String"
  value       = "Rz71-harbour"
  tags        = { owner = "team-orders" }
}

# Its name is harmless, its value is not.
resource "aws_ssm_parameter" "upstream" {
  name           = "/prod/orders/upstream"
  description    = "Where the orders are"
  type           = "String"
  insecure_value = "postgres://orders:Rz71-harbour@db.internal:5432/orders"
  tags           = { owner = "team-orders" }
}
