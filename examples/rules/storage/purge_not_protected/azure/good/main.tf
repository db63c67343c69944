terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
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
  soft_delete_retention_days    = 90
}

resource "azurerm_monitor_diagnostic_setting" "main" {
  name                       = "reads"
  target_resource_id         = azurerm_key_vault.main.id
  log_analytics_workspace_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.OperationalInsights/workspaces/security"

  enabled_log {
    category_group = "audit"
  }
}
