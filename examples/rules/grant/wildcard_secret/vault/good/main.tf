terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

resource "vault_policy" "orders" {
  name   = "orders"
  policy = <<-EOT
    path "secret/data/orders/*" {
      capabilities = ["read"]
    }

    path "secret/metadata/*" {
      capabilities = ["list"]
    }

    path "database/creds/orders" {
      capabilities = ["read"]
    }
  EOT
}
