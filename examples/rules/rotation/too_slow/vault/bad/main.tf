terraform {
  required_providers {
    vault  = { source = "hashicorp/vault" }
    random = { source = "hashicorp/random" }
  }
}

# Every 180 days.
resource "vault_database_secret_backend_static_role" "orders" {
  backend         = "database"
  name            = "orders"
  db_name         = "orders"
  username        = "orders"
  rotation_period = 15552000
}

# Once a year.
resource "vault_database_secret_backend_static_role" "reports" {
  backend           = "database"
  name              = "reports"
  db_name           = "orders"
  username          = "reports"
  rotation_schedule = "0 0 1 1 *"
}

# The login of the engine itself, every 180 days.
ephemeral "random_password" "vault" {
  length = 32
}

resource "vault_database_secret_backend_connection" "orders" {
  backend         = "database"
  name            = "orders"
  allowed_roles   = ["orders"]
  rotation_period = 15552000
  postgresql {
    connection_url      = "postgresql://{{username}}:{{password}}@db.example.com:5432/orders"
    username            = "vault"
    password_wo         = ephemeral.random_password.vault.result
    password_wo_version = 1
  }
}
