terraform {
  required_providers {
    aws    = { source = "hashicorp/aws" }
    random = { source = "hashicorp/random" }
    secret = { source = "secretlint/secret" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

provider "secret" {
  local {
    path = ".secrets"
  }
}

# The provider rotates by itself; the previous value stays readable for a day, so that nobody has to restart at once.
resource "secret" "orders_db" {
  name        = "prod/orders/db"
  description = "Orders service database login"
  owner       = "team-orders"
  generate    = { kind = "password", length = 32 }
}

resource "secret_rotation" "orders_db" {
  secret_id         = secret.orders_db.id
  schedule          = "rate(30 days)"
  strategy          = "regenerate"
  keep_previous_for = "24h"
}

resource "aws_kms_key" "orders" {
  description         = "Encrypts the secrets of the orders service"
  enable_key_rotation = true
}

# Secrets Manager rotates with a Lambda function.
ephemeral "random_password" "smtp" {
  length = 32
}

resource "aws_secretsmanager_secret" "smtp" {
  name                    = "prod/orders/smtp"
  description             = "SMTP relay login of the orders service"
  kms_key_id              = aws_kms_key.orders.arn
  recovery_window_in_days = 14
  tags                    = { owner = "team-orders" }
}

resource "aws_secretsmanager_secret_version" "smtp" {
  secret_id                = aws_secretsmanager_secret.smtp.id
  secret_string_wo         = ephemeral.random_password.smtp.result
  secret_string_wo_version = 1
}

resource "aws_secretsmanager_secret_rotation" "smtp" {
  secret_id           = aws_secretsmanager_secret.smtp.id
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-smtp"
  rotation_rules {
    automatically_after_days = 30
  }
}

# RDS makes the master login, keeps it in Secrets Manager and rotates it every seven days.
resource "aws_db_instance" "orders" {
  identifier                    = "orders"
  engine                        = "postgres"
  instance_class                = "db.t4g.medium"
  allocated_storage             = 20
  storage_encrypted             = true
  username                      = "orders"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = aws_kms_key.orders.arn
  final_snapshot_identifier     = "orders-final"
  tags                          = { owner = "team-orders" }
}

# Parameter Store has no rotation; a parameter that holds no secret needs none.
resource "aws_ssm_parameter" "orders_db_host" {
  name  = "/prod/orders/db/host"
  type  = "String"
  value = "orders.cluster-abc.eu-central-1.rds.amazonaws.com"
  tags  = { owner = "team-orders" }
}
