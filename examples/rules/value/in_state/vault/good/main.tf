terraform {
  required_providers {
    vault  = { source = "hashicorp/vault" }
    random = { source = "hashicorp/random" }
  }
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

# What Terraform keeps can be unwrapped once, within five minutes.
resource "vault_token" "backup" {
  policies     = ["backup"]
  ttl          = "24h"
  wrapping_ttl = "5m"
}

resource "vault_approle_auth_backend_role_secret_id" "backup" {
  role_name    = "backup"
  ttl          = 3600
  wrapping_ttl = "5m"
}
