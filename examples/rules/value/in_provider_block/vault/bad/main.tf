terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# A token that works for whoever reads this file.
provider "vault" {
  address = "https://vault.example.com:8200"
  token   = "Rz71harbourQx99lanternTr55"
}

# A password is no better.
provider "vault" {
  alias   = "audit"
  address = "https://vault.example.com:8200"
  auth_login_userpass {
    username = "terraform"
    password = "Qx99-anchor-meadow"
  }
}

resource "vault_mount" "orders" {
  path    = "orders"
  type    = "kv"
  options = { version = "2" }
}

resource "vault_mount" "audit" {
  provider = vault.audit
  path     = "audit"
  type     = "kv"
  options  = { version = "2" }
}
