terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

resource "azurerm_data_factory_linked_service_azure_sql_database" "main" {
  name            = "orders"
  data_factory_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.DataFactory/factories/orders"

  # The factory has an identity, and the text no password.
  connection_string    = "Server=orders.database.windows.net;Database=orders"
  use_managed_identity = true
}

resource "azurerm_data_factory_linked_service_azure_sql_database" "legacy" {
  name            = "legacy"
  data_factory_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.DataFactory/factories/orders"

  # The whole text is a secret of a vault.
  key_vault_connection_string {
    linked_service_name = "vault"
    secret_name         = "legacy-connection"
  }
}
