terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# The file names the secret; who starts the service reads it with a role of its own.
resource "aws_s3_object" "settings" {
  bucket         = "orders-settings"
  key            = "orders.env"
  content_base64 = base64encode("DB_HOST=db.internal\nDB_SECRET_NAME=prod/orders/db\n")
}

resource "aws_s3_object" "dump" {
  bucket         = "orders-settings"
  key            = "orders.env.gz"
  content_base64 = base64gzip("DB_HOST=db.internal\nDB_SECRET_NAME=prod/orders/db\n")
}
