terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# The pipeline proves who it is with its own token; nothing is written down.
provider "vault" {
  address = "https://vault.example.com:8200"
  auth_login_jwt {
    role  = "terraform"
    mount = "github"
  }
}

resource "vault_mount" "orders" {
  path    = "orders"
  type    = "kv"
  options = { version = "2" }
}
