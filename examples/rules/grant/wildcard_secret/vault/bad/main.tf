terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# Every secret of the mount.
resource "vault_policy" "reader" {
  name   = "reader"
  policy = <<-EOT
    path "secret/data/*" {
      capabilities = ["read", "list"]
    }
  EOT
}

# Every secret of every mount of this kind.
resource "vault_policy" "auditor" {
  name   = "auditor"
  policy = <<-EOT
    path "+/data/*" {
      capabilities = ["read"]
    }
  EOT
}

# Every login that the database engine makes.
resource "vault_policy" "reports" {
  name   = "reports"
  policy = <<-EOT
    path "database/creds/*" {
      capabilities = ["read"]
    }
  EOT
}

# A mount of this plan, in the first form of policies.
resource "vault_mount" "orders" {
  path    = "orders"
  type    = "kv"
  options = { version = "2" }
}

resource "vault_policy" "orders" {
  name   = "orders"
  policy = <<-EOT
    path "orders/*" {
      policy = "read"
    }
  EOT
}
