terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# A period, and nothing that keeps to it.
resource "azurerm_key_vault_managed_storage_account" "exports" {
  name                         = "orders-exports"
  key_vault_id                 = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  storage_account_id           = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.Storage/storageAccounts/ordersexports"
  storage_account_key          = "key1"
  regenerate_key_automatically = false
  regeneration_period          = "P30D"
}
