terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# Renewed as long as somebody asks: it never ends.
resource "vault_token" "monitoring" {
  policies     = ["monitoring"]
  period       = "24h"
  wrapping_ttl = "5m"
}

# Half a year.
resource "vault_token" "backup" {
  policies     = ["backup"]
  ttl          = "4380h"
  wrapping_ttl = "5m"
}

resource "vault_approle_auth_backend_role" "orders" {
  role_name      = "orders"
  token_policies = ["orders"]
  token_max_ttl  = 3600
}

# Neither the secret id nor its role says when it ends.
resource "vault_approle_auth_backend_role_secret_id" "orders" {
  role_name    = vault_approle_auth_backend_role.orders.role_name
  wrapping_ttl = "5m"
}
