terraform {
  required_providers {
    vault  = { source = "hashicorp/vault" }
    random = { source = "hashicorp/random" }
  }
}

resource "random_password" "relay" {
  length = 32
}

# `data_json_wo` would keep it out of the state.
resource "vault_kv_secret_v2" "relay" {
  mount     = "secret"
  name      = "orders/relay"
  data_json = jsonencode({ password = random_password.relay.result })
  custom_metadata {
    data = { owner = "team-orders" }
  }
}

# `password_wo` would.
resource "vault_database_secret_backend_connection" "orders" {
  backend       = "database"
  name          = "orders"
  allowed_roles = ["orders"]
  postgresql {
    connection_url = "postgresql://{{username}}:{{password}}@db.example.com:5432/orders"
    username       = "vault"
    password       = random_password.relay.result
  }
}
