terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

resource "azurerm_mssql_server" "db" {
  name                = "orders-db"
  location            = "westeurope"
  resource_group_name = "orders"
  version             = "12.0"
  azuread_administrator {
    login_username              = "orders-admins"
    object_id                   = "33333333-3333-3333-3333-333333333333"
    azuread_authentication_only = true
  }
}

resource "azurerm_postgresql_flexible_server" "main" {
  name                          = "orders"
  location                      = "westeurope"
  resource_group_name           = "orders"
  version                       = "16"
  sku_name                      = "GP_Standard_D2s_v3"
  public_network_access_enabled = false

  authentication {
    active_directory_auth_enabled = true
    password_auth_enabled         = false
    tenant_id                     = "11111111-1111-1111-1111-111111111111"
  }
}
