terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# What every token may do with itself.
resource "vault_policy" "default" {
  name   = "default"
  policy = <<-EOT
    path "auth/token/lookup-self" {
      capabilities = ["read"]
    }

    path "auth/token/renew-self" {
      capabilities = ["update"]
    }

    path "cubbyhole/*" {
      capabilities = ["create", "read", "update", "delete", "list"]
    }
  EOT
}

resource "vault_policy" "orders" {
  name   = "orders"
  policy = <<-EOT
    path "secret/data/shared/mail" {
      capabilities = ["read"]
    }
  EOT
}
