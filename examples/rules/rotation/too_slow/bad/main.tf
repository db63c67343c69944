terraform {
  required_providers {
    aws    = { source = "hashicorp/aws" }
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

# Once a year.
resource "aws_secretsmanager_secret_rotation" "orders_db" {
  secret_id           = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-a1b2c3"
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-postgres"
  rotation_rules {
    automatically_after_days = 365
  }
}

# A rate is the same thing in words.
resource "aws_secretsmanager_secret_rotation" "orders_smtp" {
  secret_id           = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/smtp-d4e5f6"
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-smtp"
  rotation_rules {
    schedule_expression = "rate(180 days)"
  }
}

# A cron expression counts by its longest gap: from July to January.
resource "aws_secretsmanager_secret_rotation" "orders_api" {
  secret_id           = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/api-0a9b8c"
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-api-key"
  rotation_rules {
    schedule_expression = "cron(0 4 1 1,7 ? *)"
    duration            = "3h"
  }
}

resource "secret" "orders_db" {
  name        = "prod/orders/db"
  description = "Orders service database login"
  owner       = "team-orders"
  generate    = { kind = "password", length = 32 }
}

resource "secret_rotation" "orders_db" {
  secret_id = secret.orders_db.id
  schedule  = "rate(120 days)"
  strategy  = "regenerate"
}
