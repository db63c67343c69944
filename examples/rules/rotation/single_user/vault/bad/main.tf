terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# One login for all who work with it; its password changes under them.
resource "vault_database_secret_backend_static_role" "orders" {
  backend         = "database"
  name            = "orders"
  db_name         = "orders"
  username        = "orders"
  rotation_period = 86400
}
