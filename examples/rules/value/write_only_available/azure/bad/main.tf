terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
    random  = { source = "hashicorp/random" }
  }
}

provider "azurerm" {
  features {}
}

resource "random_password" "main" {
  length = 32
}

# `value_wo` keeps it out of the plan and the state.
resource "azurerm_key_vault_secret" "api" {
  name         = "orders-api"
  key_vault_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  value        = random_password.main.result
}

# `administrator_password_wo`.
resource "azurerm_postgresql_flexible_server" "main" {
  name                          = "orders"
  location                      = "westeurope"
  resource_group_name           = "orders"
  version                       = "16"
  sku_name                      = "GP_Standard_D2s_v3"
  public_network_access_enabled = false
  administrator_login           = "operator"
  administrator_password        = random_password.main.result
}

# `administrator_login_password_wo`.
resource "azurerm_mssql_server" "db" {
  name                         = "orders-db"
  location                     = "westeurope"
  resource_group_name          = "orders"
  version                      = "12.0"
  administrator_login          = "operator"
  administrator_login_password = random_password.main.result
}
