terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# The state beside this file still has what is deleted here.

# A secret whose recovery window was switched off:
#
#   resource "aws_secretsmanager_secret" "orders" {
#     name                    = "prod/orders/db"
#     recovery_window_in_days = 0
#   }

# A parameter, which has no recovery at all:
#
#   resource "aws_ssm_parameter" "smtp" {
#     name = "/prod/orders/smtp"
#     type = "SecureString"
#   }
