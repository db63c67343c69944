terraform {
  required_providers {
    aws    = { source = "hashicorp/aws" }
    random = { source = "hashicorp/random" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# No file has the value, and yet the state does: what a provider makes and hands out is kept there.
resource "aws_iam_access_key" "mailer" {
  user = "mailer"
}

# And so does an argument that is not write-only, wherever its value comes from. `secret_binary` has no write-only form.
resource "random_bytes" "orders_keystore" {
  length = 64
}

resource "aws_secretsmanager_secret_version" "orders_keystore" {
  secret_id     = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/keystore-a1b2c3"
  secret_binary = random_bytes.orders_keystore.base64
}
