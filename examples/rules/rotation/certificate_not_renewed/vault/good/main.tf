terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# Renewed a week before it ends; the key stays with the service.
resource "vault_pki_secret_backend_sign" "orders" {
  backend               = "pki"
  name                  = "services"
  common_name           = "orders.example.com"
  ttl                   = "720h"
  auto_renew            = true
  min_seconds_remaining = 604800
  csr                   = <<-EOT
    -----BEGIN CERTIFICATE REQUEST-----
    MIHYMH8CAQAwHTEbMBkGA1UEAwwSb3JkZXJzLmV4YW1wbGUuY29tMFkwEwYHKoZI
    zj0CAQYIKoZIzj0DAQcDQgAEFHf3lKneOPJwj1q0keZB8Er3oeL1Ahc13q3zYOEt
    sz97kzHR5pdsgeQ+1fFpOYSd1PfK2h6FYlgKqEaBoBv0NKAAMAoGCCqGSM49BAMC
    A0kAMEYCIQCY8vxMYlNOs8PNgKef42hKSb4NGSZbWmK/Guki25q2/gIhAOiDKT87
    jUiJWMwLEDclwgMDhWCrT7pAS9f32iqidjyM
    -----END CERTIFICATE REQUEST-----
  EOT
}

resource "vault_pki_secret_backend_role" "services" {
  backend         = "pki"
  name            = "services"
  allowed_domains = ["example.com"]
  max_ttl         = "720h"
}
