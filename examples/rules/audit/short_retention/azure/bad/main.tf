terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# A month, where nothing is said.
resource "azurerm_log_analytics_workspace" "main" {
  name                = "security"
  location            = "westeurope"
  resource_group_name = "orders"
  sku                 = "PerGB2018"
}

resource "azurerm_key_vault" "main" {
  name                          = "orders-main"
  location                      = "westeurope"
  resource_group_name           = "orders"
  tenant_id                     = "11111111-1111-1111-1111-111111111111"
  sku_name                      = "standard"
  rbac_authorization_enabled    = true
  purge_protection_enabled      = true
  public_network_access_enabled = false
}

resource "azurerm_monitor_diagnostic_setting" "main" {
  name                       = "reads"
  target_resource_id         = azurerm_key_vault.main.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.main.id

  enabled_log {
    category_group = "audit"
  }
}
