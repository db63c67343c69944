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

resource "aws_secretsmanager_secret_rotation" "orders_db" {
  secret_id           = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-a1b2c3"
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-postgres"
  rotation_rules {
    automatically_after_days = 30
  }
}

# On the first of every month at four.
resource "aws_secretsmanager_secret_rotation" "orders_api" {
  secret_id           = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/api-0a9b8c"
  rotation_lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotate-api-key"
  rotation_rules {
    schedule_expression = "cron(0 4 1 * ? *)"
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
  schedule  = "rate(30 days)"
  strategy  = "regenerate"
}
