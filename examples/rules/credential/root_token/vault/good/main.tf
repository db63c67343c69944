terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

resource "vault_token" "terraform" {
  policies         = ["terraform"]
  ttl              = "1h"
  explicit_max_ttl = "2h"
  wrapping_ttl     = "5m"
}
