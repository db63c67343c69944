terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# Every capability on every path.
resource "vault_policy" "platform" {
  name   = "platform"
  policy = <<-EOT
    path "*" {
      capabilities = ["create", "read", "update", "delete", "list", "sudo"]
    }
  EOT
}

# The same by `sudo` alone, as JSON.
resource "vault_policy" "operator" {
  name   = "operator"
  policy = jsonencode({ path = { "*" = { capabilities = ["sudo"] } } })
}
