terraform {
  required_providers {
    vault  = { source = "hashicorp/vault" }
    random = { source = "hashicorp/random" }
  }
}

ephemeral "random_password" "relay" {
  length = 32
}

# The value is made during the apply, given to Vault, and kept nowhere else.
resource "vault_kv_secret_v2" "relay" {
  mount                = "secret"
  name                 = "orders/relay"
  data_json_wo         = jsonencode({ password = ephemeral.random_password.relay.result })
  data_json_wo_version = 1
  custom_metadata {
    data = { owner = "team-orders" }
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
