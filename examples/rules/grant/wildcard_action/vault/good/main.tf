terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# Who writes the value need not read it.
resource "vault_policy" "writer" {
  name   = "orders-writer"
  policy = <<-EOT
    path "secret/data/orders/*" {
      capabilities = ["create", "update"]
    }
  EOT
}

resource "vault_policy" "reader" {
  name   = "orders-reader"
  policy = <<-EOT
    path "secret/data/orders/*" {
      capabilities = ["read"]
    }
  EOT
}
