terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# Once a year, unless something else is said.
resource "aws_kms_key" "orders" {
  description         = "Encrypts the secrets of the orders service"
  enable_key_rotation = true
}

resource "aws_kms_key" "archive" {
  description             = "Encrypts the archive"
  enable_key_rotation     = true
  rotation_period_in_days = 180
}

# KMS cannot rotate an asymmetric key: whoever verifies needs the new public half.
resource "aws_kms_key" "signing" {
  description              = "Signs releases"
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
}

# A replica is rotated with its primary key.
resource "aws_kms_replica_key" "orders" {
  description     = "Encrypts the secrets of the orders service, in a second region"
  primary_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
}
