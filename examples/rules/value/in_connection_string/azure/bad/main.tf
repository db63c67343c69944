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

  # The password is a part of a longer text.
  connection_string = "Server=orders.database.windows.net;Database=orders;User ID=import;Password=Sommer-in-Basel-7"
}

resource "azurerm_container_group" "main" {
  name                = "orders-import"
  location            = "westeurope"
  resource_group_name = "orders"
  os_type             = "Linux"

  container {
    name   = "import"
    image  = "registry.example.com/import:1"
    cpu    = 1
    memory = 1

    # An address with a user and a password in it.
    commands = ["import", "amqps://orders:Winter-in-Basel-8@broker.example.com:5671/orders"]
  }
}
