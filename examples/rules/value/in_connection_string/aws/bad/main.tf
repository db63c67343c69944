terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# The password stands among the parameters of a JDBC address, where nothing takes it for one.
resource "aws_glue_connection" "orders" {
  name            = "orders"
  connection_type = "JDBC"
  connection_properties = {
    JDBC_CONNECTION_URL = "jdbc:postgresql://db.internal:5432/orders?user=etl&password=Rz71-harbour"
  }
}

# Or before the host.
resource "aws_glue_connection" "events" {
  name            = "events"
  connection_type = "MONGODB"
  connection_properties = {
    CONNECTION_URL = "mongodb://etl:Rz71-harbour@events.internal:27017/events"
  }
}
