terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# No policy.
resource "azurerm_key_vault_key" "silent" {
  name            = "orders-silent"
  key_vault_id    = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  key_type        = "RSA"
  key_size        = 3072
  key_opts        = ["decrypt", "encrypt"]
  expiration_date = "2027-05-01T00:00:00Z"
}

# A policy that tells somebody, and makes no new version.
resource "azurerm_key_vault_key" "notified" {
  name         = "orders-notified"
  key_vault_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  key_type     = "RSA"
  key_size     = 3072
  key_opts     = ["decrypt", "encrypt"]

  rotation_policy {
    expire_after         = "P1Y"
    notify_before_expiry = "P30D"
  }
}

# A new version every two years.
resource "azurerm_key_vault_key" "slow" {
  name         = "orders-slow"
  key_vault_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  key_type     = "RSA"
  key_size     = 3072
  key_opts     = ["unwrapKey", "wrapKey"]

  rotation_policy {
    expire_after = "P3Y"

    automatic {
      time_after_creation = "P2Y"
    }
  }
}
