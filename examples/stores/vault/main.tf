# Secrets in OpenBao or HashiCorp Vault: an API key in KV, a database login that the server rotates, and one service that may
# read exactly these two. docs/guides/vault.md goes through it from an empty server.
terraform {
  required_providers {
    secret = { source = "secretlint/secret" }
  }
}

# VAULT_ADDR, VAULT_TOKEN, VAULT_NAMESPACE and VAULT_CACERT (or BAO_*) are honoured.
provider "secret" {
  vault {
    mount = "secret"
  }
}

variable "connection" {
  description = "Name of the database engine's connection to PostgreSQL."
  default     = "orders"
}

# Made inside apply, written to KV, in no plan and no state.
resource "secret" "webhook" {
  name        = "prod/orders/webhook"
  description = "Signs the webhooks that the orders service sends"
  owner       = "team-orders"
  tags        = { service = "orders" }
  generate    = { kind = "hex", length = 32, field = "key" }
  fields      = { url = "https://partner.example.org/hooks" }
}

# KV does not rotate by itself: the provider does, at the first apply after the value is due.
resource "secret_rotation" "webhook" {
  secret_id         = secret.webhook.id
  schedule          = "rate(30 days)"
  keep_previous_for = "48h"
}

# The database engine does: it owns the password of the login `orders` and changes it every day.
resource "secret_rotation" "orders_db" {
  secret_id = "database/static-creds/orders"
  schedule  = "24h"
  database  = { connection = var.connection, username = "orders" }
}

# The service reads both, and nothing else.
resource "secret_grant" "webhook" {
  secret_id = secret.webhook.id
  principal = "approle:orders"
  access    = ["read"]
}

resource "secret_grant" "orders_db" {
  secret_id = secret_rotation.orders_db.secret_id
  principal = "approle:orders"
  access    = ["read"]
}
