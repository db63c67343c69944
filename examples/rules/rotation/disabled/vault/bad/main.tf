terraform {
  required_providers {
    vault  = { source = "hashicorp/vault" }
    random = { source = "hashicorp/random" }
  }
}

ephemeral "random_password" "vault" {
  length = 32
}

# Vault could change the login of the database, and is told not to.
resource "vault_database_secret_backend_connection" "orders" {
  backend                    = "database"
  name                       = "orders"
  allowed_roles              = ["orders"]
  disable_automated_rotation = true
  postgresql {
    connection_url      = "postgresql://{{username}}:{{password}}@db.example.com:5432/orders"
    username            = "vault"
    password_wo         = ephemeral.random_password.vault.result
    password_wo_version = 1
  }
}

# The same for the key of an account.
resource "vault_aws_secret_backend" "aws" {
  path                       = "aws"
  access_key                 = "AKIAIOSFODNN7EXAMPLE"
  secret_key                 = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
  rotation_period            = 2592000
  disable_automated_rotation = true
}
