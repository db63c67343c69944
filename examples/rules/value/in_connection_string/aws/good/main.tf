terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# The address says where the database is; the login is in Secrets Manager, and Glue reads it from there.
resource "aws_glue_connection" "orders" {
  name            = "orders"
  connection_type = "JDBC"
  connection_properties = {
    JDBC_CONNECTION_URL = "jdbc:postgresql://db.internal:5432/orders"
    SECRET_ID           = "prod/orders/etl"
  }
}

resource "aws_glue_connection" "events" {
  name            = "events"
  connection_type = "MONGODB"
  connection_properties = {
    CONNECTION_URL = "mongodb://events.internal:27017/events"
    SECRET_ID      = "prod/events/etl"
  }
}
