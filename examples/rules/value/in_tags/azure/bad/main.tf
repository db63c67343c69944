terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

resource "azurerm_resource_group" "main" {
  name     = "orders"
  location = "westeurope"

  # Whoever may list resources reads the tags of all of them.
  tags = {
    database = "postgres://orders:Sommer-in-Basel-7@orders.postgres.database.azure.com/orders"
  }
}
