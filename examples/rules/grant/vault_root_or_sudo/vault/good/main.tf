terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

resource "vault_policy" "operator" {
  name   = "operator"
  policy = <<-EOT
    path "sys/leases/lookup/database/*" {
      capabilities = ["list", "sudo"]
    }

    path "sys/health" {
      capabilities = ["read"]
    }
  EOT
}

resource "vault_approle_auth_backend_role" "backup" {
  role_name      = "backup"
  token_policies = ["backup"]
  token_ttl      = 600
  secret_id_ttl  = 600
}
