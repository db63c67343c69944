terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
    random  = { source = "hashicorp/random" }
  }
}

provider "azurerm" {
  features {}
}

ephemeral "random_password" "main" {
  length = 32
}
# Identities of Entra ID need no password.
resource "azurerm_mssql_server" "db" {
  name                                    = "orders-db"
  location                                = "westeurope"
  resource_group_name                     = "orders"
  version                                 = "12.0"
  administrator_login                     = "operator"
  administrator_login_password_wo         = ephemeral.random_password.main.result
  administrator_login_password_wo_version = 1
}

resource "azurerm_postgresql_flexible_server" "main" {
  name                          = "orders"
  location                      = "westeurope"
  resource_group_name           = "orders"
  version                       = "16"
  sku_name                      = "GP_Standard_D2s_v3"
  public_network_access_enabled = false

  administrator_login               = "operator"
  administrator_password_wo         = ephemeral.random_password.main.result
  administrator_password_wo_version = 1
}
