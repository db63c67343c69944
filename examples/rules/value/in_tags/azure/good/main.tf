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

  # Where it is, not what it is.
  tags = {
    database = "postgres://orders.postgres.database.azure.com/orders"
    login    = "https://orders.vault.azure.net/secrets/db"
  }
}
