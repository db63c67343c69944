terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# Nobody writes down who reads it.
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

resource "azurerm_key_vault" "metrics" {
  name                          = "orders-metrics"
  location                      = "westeurope"
  resource_group_name           = "orders"
  tenant_id                     = "11111111-1111-1111-1111-111111111111"
  sku_name                      = "standard"
  rbac_authorization_enabled    = true
  purge_protection_enabled      = true
  public_network_access_enabled = false
}

# Metrics name no reader.
resource "azurerm_monitor_diagnostic_setting" "metrics" {
  name                       = "metrics"
  target_resource_id         = azurerm_key_vault.metrics.id
  log_analytics_workspace_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.OperationalInsights/workspaces/security"

  enabled_metric {
    category = "AllMetrics"
  }
}
