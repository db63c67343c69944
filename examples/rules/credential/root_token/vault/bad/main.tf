terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# May do everything, and does not end.
resource "vault_token" "terraform" {
  policies     = ["root"]
  no_parent    = true
  wrapping_ttl = "5m"
}
