terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
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
