terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# The login of a database, written where everybody sees it who sees the code.
resource "vault_kv_secret_v2" "orders" {
  mount     = "secret"
  name      = "orders/mail"
  data_json = jsonencode({ username = "orders", password = "Rz71-harbour-lantern" })
  custom_metadata {
    data = { owner = "team-orders" }
  }
}

# The same in the first version of the engine.
resource "vault_kv_secret" "invoices" {
  path      = "kv/invoices"
  data_json = jsonencode({ api_token = "Qx99-anchor-meadow" })
}

# The login by which Vault manages a database.
resource "vault_database_secret_backend_connection" "orders" {
  backend       = "database"
  name          = "orders"
  allowed_roles = ["orders"]
  postgresql {
    connection_url = "postgresql://{{username}}:{{password}}@db.example.com:5432/orders"
    username       = "vault"
    password       = "Tr55-copper-valley"
  }
}

# A write-only argument keeps it out of the state, not out of the code.
resource "vault_kv_secret_v2" "mail" {
  mount                = "secret"
  name                 = "mail/relay"
  data_json_wo         = "{\"password\":\"Lm42-silver-orchard\"}"
  data_json_wo_version = 1
  custom_metadata {
    data = { owner = "team-mail" }
  }
}
