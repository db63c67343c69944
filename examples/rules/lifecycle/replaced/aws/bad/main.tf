terraform {
  required_providers {
    aws    = { source = "hashicorp/aws" }
    random = { source = "hashicorp/random" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# Another name is another secret: it was `prod/orders/db` in the state beside this file.
resource "aws_secretsmanager_secret" "orders" {
  name        = "prod/orders/database"
  description = "Login of the orders service"
  kms_key_id  = aws_kms_key.orders.arn
  tags        = { owner = "team-orders" }
}

resource "aws_secretsmanager_secret_rotation" "orders" {
  secret_id           = aws_secretsmanager_secret.orders.id
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-orders"

  rotation_rules {
    automatically_after_days = 30
  }
}

# A key of one region becomes a key of several, which only a new one can be.
resource "aws_kms_key" "orders" {
  description         = "Encrypts the secrets of the orders service"
  enable_key_rotation = true
  multi_region        = true
}

ephemeral "random_password" "smtp" {
  length = 32
}

# A parameter whose old versions nobody keeps.
resource "aws_ssm_parameter" "smtp" {
  name             = "/prod/orders/mail"
  description      = "Password of the mail relay"
  type             = "SecureString"
  key_id           = "alias/orders"
  value_wo         = ephemeral.random_password.smtp.result
  value_wo_version = 1
  tags             = { owner = "team-orders" }
}
