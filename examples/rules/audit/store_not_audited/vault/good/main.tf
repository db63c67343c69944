terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

resource "vault_quota_rate_limit" "global" {
  name = "global"
  rate = 1000
}

# Two, because the server answers nobody when none of them can be written to.
resource "vault_audit" "file" {
  type    = "file"
  options = { file_path = "/var/log/vault/audit.log" }
}

resource "vault_audit" "socket" {
  type    = "socket"
  options = { address = "audit.example.com:9090", socket_type = "tcp" }
}
