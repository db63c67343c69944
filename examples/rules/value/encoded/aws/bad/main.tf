terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# Base64 hides a value from nobody.
resource "aws_s3_object" "settings" {
  bucket         = "orders-settings"
  key            = "orders.env"
  content_base64 = base64encode("DB_HOST=db.internal\nDB_PASSWORD=Rz71-harbour\n")
}

# Nor does gzip within it.
resource "aws_s3_object" "dump" {
  bucket         = "orders-settings"
  key            = "orders.env.gz"
  content_base64 = base64gzip("DB_HOST=db.internal\nDB_PASSWORD=Rz71-harbour\n")
}
