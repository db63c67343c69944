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

resource "azurerm_key_vault_secret" "api" {
  name             = "orders-api"
  key_vault_id     = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  value_wo         = ephemeral.random_password.main.result
  value_wo_version = 1

  content_type    = "login of the orders service"
  expiration_date = "2027-05-01T00:00:00Z"
  tags            = { owner = "team-orders" }
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

  authentication {
    active_directory_auth_enabled = true
    password_auth_enabled         = true
    tenant_id                     = "11111111-1111-1111-1111-111111111111"
  }
}
