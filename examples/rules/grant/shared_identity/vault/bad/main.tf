terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# Every token has this policy.
resource "vault_policy" "default" {
  name   = "default"
  policy = <<-EOT
    path "auth/token/lookup-self" {
      capabilities = ["read"]
    }

    path "secret/data/shared/mail" {
      capabilities = ["read"]
    }
  EOT
}
