terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# Without a version this is the first one, which keeps the last value only.
resource "vault_mount" "orders" {
  path = "orders"
  type = "kv"
}

# The second version, told to keep one.
resource "vault_mount" "invoices" {
  path    = "invoices"
  type    = "kv"
  options = { version = "2" }
}

resource "vault_kv_secret_backend_v2" "invoices" {
  mount        = vault_mount.invoices.path
  max_versions = 1
}
