terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

resource "vault_mount" "orders" {
  path    = "orders"
  type    = "kv"
  options = { version = "2" }
}

resource "vault_kv_secret_backend_v2" "orders" {
  mount        = vault_mount.orders.path
  max_versions = 10
}
