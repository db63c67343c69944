terraform {
  required_providers {
    vault  = { source = "hashicorp/vault" }
    random = { source = "hashicorp/random" }
  }
}

ephemeral "random_password" "vault" {
  length = 32
}

# Vault is told the login once and changes it every 30 days.
resource "vault_database_secret_backend_connection" "orders" {
  backend         = "database"
  name            = "orders"
  allowed_roles   = ["orders"]
  rotation_period = 2592000
  postgresql {
    connection_url      = "postgresql://{{username}}:{{password}}@db.example.com:5432/orders"
    username            = "vault"
    password_wo         = ephemeral.random_password.vault.result
    password_wo_version = 1
  }
}

# Vault proves who it is with its own token: there is no key to rotate.
resource "vault_aws_secret_backend" "aws" {
  path                    = "aws"
  role_arn                = "arn:aws:iam::123456789012:role/vault"
  identity_token_audience = "vault.example.com"
}
