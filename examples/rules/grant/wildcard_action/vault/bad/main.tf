terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# Reads, writes and destroys.
resource "vault_policy" "orders" {
  name   = "orders"
  policy = <<-EOT
    path "secret/data/orders/*" {
      capabilities = ["create", "read", "update", "delete", "list"]
    }
  EOT
}

# The first form of policies: `write` is all of it.
resource "vault_policy" "invoices" {
  name   = "invoices"
  policy = <<-EOT
    path "kv/invoices/*" {
      policy = "write"
    }
  EOT
}
