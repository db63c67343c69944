terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# KMS rotates a key only where it is told to.
resource "aws_kms_key" "orders" {
  description = "Encrypts the secrets of the orders service"
}

# Told not to is the same.
resource "aws_kms_key" "invoices" {
  description         = "Encrypts the secrets of the invoice service"
  enable_key_rotation = false
}

# Every five years is too seldom.
resource "aws_kms_key" "archive" {
  description             = "Encrypts the archive"
  enable_key_rotation     = true
  rotation_period_in_days = 1825
}
