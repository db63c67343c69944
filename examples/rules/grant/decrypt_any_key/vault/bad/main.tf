terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# Every key of the engine.
resource "vault_policy" "orders" {
  name   = "orders"
  policy = <<-EOT
    path "transit/decrypt/*" {
      capabilities = ["update"]
    }
  EOT
}

# Every key of every such engine.
resource "vault_policy" "support" {
  name   = "support"
  policy = <<-EOT
    path "+/decrypt/+" {
      capabilities = ["create", "update"]
    }
  EOT
}
