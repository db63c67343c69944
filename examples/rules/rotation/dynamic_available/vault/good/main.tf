terraform {
  required_providers {
    vault  = { source = "hashicorp/vault" }
    random = { source = "hashicorp/random" }
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
