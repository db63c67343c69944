terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# Storage, seal and root tokens.
resource "vault_policy" "operator" {
  name   = "operator"
  policy = <<-EOT
    path "sys/*" {
      capabilities = ["read", "list", "sudo"]
    }
  EOT
}

# Whoever has a secret id of this role is root.
resource "vault_approle_auth_backend_role" "backup" {
  role_name      = "backup"
  token_policies = ["root"]
  token_ttl      = 600
  secret_id_ttl  = 600
}
