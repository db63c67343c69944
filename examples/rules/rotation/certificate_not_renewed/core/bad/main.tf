terraform {
  required_providers {
    tls = { source = "hashicorp/tls" }
  }
}

resource "tls_private_key" "orders" {
  algorithm   = "ECDSA"
  ecdsa_curve = "P256"
}

# Ends after 90 days, and no apply makes the next one before.
resource "tls_self_signed_cert" "orders" {
  private_key_pem       = tls_private_key.orders.private_key_pem
  validity_period_hours = 2160
  allowed_uses          = ["server_auth"]
}

# Renewed, but valid for five years.
resource "tls_self_signed_cert" "admin" {
  private_key_pem       = tls_private_key.orders.private_key_pem
  validity_period_hours = 43800
  early_renewal_hours   = 720
  allowed_uses          = ["server_auth"]
}
