terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

resource "vault_policy" "platform" {
  name   = "platform"
  policy = <<-EOT
    path "sys/mounts" {
      capabilities = ["read"]
    }

    path "sys/health" {
      capabilities = ["read"]
    }

    path "secret/metadata/*" {
      capabilities = ["list"]
    }
  EOT
}
