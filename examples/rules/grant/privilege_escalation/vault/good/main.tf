terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# Gets secret ids for one role, and reads policies.
resource "vault_policy" "ci" {
  name   = "ci"
  policy = <<-EOT
    path "auth/approle/role/orders/secret-id" {
      capabilities = ["update"]
    }

    path "sys/policies/acl/*" {
      capabilities = ["read", "list"]
    }

    path "auth/token/create" {
      capabilities = ["update"]
    }
  EOT
}
