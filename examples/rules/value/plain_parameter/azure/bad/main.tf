terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# Every reader of settings reads this one.
resource "azurerm_app_configuration_key" "password" {
  configuration_store_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.AppConfiguration/configurationStores/orders"
  key                    = "orders/db_password"
  value                  = "Sommer-in-Basel-7"
}

# Also where only the text says what it is.
resource "azurerm_app_configuration_key" "address" {
  configuration_store_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.AppConfiguration/configurationStores/orders"
  key                    = "orders/database"
  value                  = "postgres://orders:Winter-in-Basel-8@orders.postgres.database.azure.com/orders"
}
