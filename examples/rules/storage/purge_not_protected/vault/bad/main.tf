terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# Whoever may delete the key destroys all that is encrypted with it.
resource "vault_transit_secret_backend_key" "orders" {
  backend            = "transit"
  name               = "orders"
  auto_rotate_period = 7776000
  deletion_allowed   = true
}
