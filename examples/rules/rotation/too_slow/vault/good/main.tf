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

# Each that asks gets a login of its own, which ends after an hour.
resource "vault_database_secret_backend_role" "orders" {
  backend             = "database"
  name                = "orders"
  db_name             = "orders"
  creation_statements = ["CREATE ROLE \"{{name}}\" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'"]
  default_ttl         = 3600
  max_ttl             = 14400
}
