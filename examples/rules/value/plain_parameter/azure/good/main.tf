terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# The setting refers to a secret, which its own permissions guard.
resource "azurerm_app_configuration_key" "password" {
  configuration_store_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.AppConfiguration/configurationStores/orders"
  key                    = "orders/db_password"
  type                   = "vault"
  vault_key_reference    = "https://orders.vault.azure.net/secrets/db"
}

resource "azurerm_app_configuration_key" "address" {
  configuration_store_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.AppConfiguration/configurationStores/orders"
  key                    = "orders/database"
  value                  = "postgres://orders.postgres.database.azure.com/orders"
}
