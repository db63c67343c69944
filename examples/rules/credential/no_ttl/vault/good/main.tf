terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

resource "vault_token" "backup" {
  policies     = ["backup"]
  ttl          = "24h"
  wrapping_ttl = "5m"
}

resource "vault_approle_auth_backend_role" "orders" {
  role_name          = "orders"
  token_policies     = ["orders"]
  token_max_ttl      = 3600
  secret_id_ttl      = 600
  secret_id_num_uses = 1
}

resource "vault_approle_auth_backend_role_secret_id" "orders" {
  role_name    = vault_approle_auth_backend_role.orders.role_name
  wrapping_ttl = "5m"
}
