terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# Can write itself a policy for everything.
resource "vault_policy" "policies" {
  name   = "policies"
  policy = <<-EOT
    path "sys/policies/acl/*" {
      capabilities = ["create", "update"]
    }
  EOT
}

# Can give any policy to a role and log in with it.
resource "vault_policy" "approle" {
  name   = "approle"
  policy = <<-EOT
    path "auth/approle/role/*" {
      capabilities = ["create", "update", "delete"]
    }
  EOT
}

# Can add itself to a group that may more.
resource "vault_policy" "identities" {
  name   = "identities"
  policy = <<-EOT
    path "identity/*" {
      capabilities = ["create", "update"]
    }
  EOT
}
