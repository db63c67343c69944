terraform {
  required_providers {
    vault  = { source = "hashicorp/vault" }
    random = { source = "hashicorp/random" }
  }
}

resource "random_password" "invoices" {
  length = 32
}

# The first version of the engine has no write-only argument: the value is in the state.
resource "vault_kv_secret" "invoices" {
  path      = "kv/invoices"
  data_json = jsonencode({ password = random_password.invoices.result })
}

# A token that Terraform makes is in the state, as good as the one who holds it.
resource "vault_token" "backup" {
  policies = ["backup"]
  ttl      = "24h"
}

# So is a secret id.
resource "vault_approle_auth_backend_role_secret_id" "backup" {
  role_name = "backup"
  ttl       = 3600
}
