terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# Never.
resource "vault_transit_secret_backend_key" "orders" {
  backend = "transit"
  name    = "orders"
}

# Every two years.
resource "vault_transit_secret_backend_key" "invoices" {
  backend            = "transit"
  name               = "invoices"
  auto_rotate_period = 63072000
}
