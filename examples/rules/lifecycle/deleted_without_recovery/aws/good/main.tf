terraform {
  required_providers {
    aws    = { source = "hashicorp/aws" }
    random = { source = "hashicorp/random" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# `aws_secretsmanager_secret.orders`, whose recovery window is 30 days, is in the state and no longer here: it is deleted and can be
# brought back.

# It leaves this configuration, and stays.
removed {
  from = aws_ssm_parameter.smtp

  lifecycle {
    destroy = false
  }
}

ephemeral "random_password" "mail_relay" {
  length = 32
}

# It was renamed.
moved {
  from = aws_ssm_parameter.relay
  to   = aws_ssm_parameter.mail_relay
}

resource "aws_ssm_parameter" "mail_relay" {
  name             = "/prod/orders/relay"
  description      = "Password of the mail relay"
  type             = "SecureString"
  key_id           = "alias/orders"
  value_wo         = ephemeral.random_password.mail_relay.result
  value_wo_version = 1
  tags             = { owner = "team-orders" }
}
