terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

resource "azurerm_key_vault_key" "main" {
  name         = "orders-payments"
  key_vault_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  key_type     = "RSA"
  key_size     = 3072
  key_opts     = ["decrypt", "encrypt"]

  rotation_policy {
    expire_after = "P1Y"

    automatic {
      time_after_creation = "P90D"
    }
  }
}

# Decrypts with one key.
resource "azurerm_role_assignment" "key" {
  scope                = azurerm_key_vault_key.main.resource_versionless_id
  role_definition_name = "Key Vault Crypto User"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}

# A service with the vault that is made for it.
resource "azurerm_role_assignment" "service" {
  scope                = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  role_definition_name = "Key Vault Crypto Service Encryption User"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}
