terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# Ends after 30 days, and nothing makes the next one.
resource "vault_pki_secret_backend_cert" "orders" {
  backend     = "pki"
  name        = "services"
  common_name = "orders.example.com"
  ttl         = "720h"
}

# Certificates that others ask for may be valid for ten years.
resource "vault_pki_secret_backend_role" "services" {
  backend         = "pki"
  name            = "services"
  allowed_domains = ["example.com"]
  max_ttl         = "87600h"
}
