terraform {
  required_providers {
    aws    = { source = "hashicorp/aws" }
    random = { source = "hashicorp/random" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

variable "orders_keystore" {
  type      = string
  sensitive = true
}

# No file has the value, and yet the state does: what a provider makes and hands out is kept there.
resource "aws_iam_access_key" "mailer" {
  user = "mailer"
}

# And so does an argument that is not write-only, wherever its value comes from. `secret_binary` has no write-only form.
resource "aws_secretsmanager_secret_version" "orders_keystore" {
  secret_id     = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/keystore-a1b2c3"
  secret_binary = var.orders_keystore
}

# An attribute of no known meaning counts when a sensitive value is passed to it.
resource "aws_kms_alias" "orders" {
  name          = "alias/orders"
  target_key_id = var.orders_keystore
}

# A resource keeps its result in the state, marked sensitive or not; every reader of the state can print it.
resource "random_bytes" "orders" {
  length = 32
}
