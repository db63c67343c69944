terraform {
  required_providers {
    vault  = { source = "hashicorp/vault" }
    random = { source = "hashicorp/random" }
  }
}

ephemeral "random_password" "orders" {
  length = 32
}

# A login that stays the same, beside a role that makes them.
resource "vault_kv_secret_v2" "orders" {
  mount                = "secret"
  name                 = "orders/postgres"
  data_json_wo         = jsonencode({ username = "orders", password = ephemeral.random_password.orders.result })
  data_json_wo_version = 1
  custom_metadata {
    data = { owner = "team-orders" }
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
