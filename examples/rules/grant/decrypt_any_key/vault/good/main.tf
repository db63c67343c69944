terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

resource "vault_policy" "orders" {
  name   = "orders"
  policy = <<-EOT
    path "transit/decrypt/orders" {
      capabilities = ["update"]
    }

    path "transit/encrypt/*" {
      capabilities = ["update"]
    }
  EOT
}
