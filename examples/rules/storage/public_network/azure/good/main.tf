terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# Reached by private endpoints.
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
  log_analytics_workspace_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.OperationalInsights/workspaces/security"

  enabled_log {
    category_group = "audit"
  }
}

# Reached from one network.
resource "azurerm_key_vault" "office" {
  name                       = "orders-office"
  location                   = "westeurope"
  resource_group_name        = "orders"
  tenant_id                  = "11111111-1111-1111-1111-111111111111"
  sku_name                   = "standard"
  rbac_authorization_enabled = true
  purge_protection_enabled   = true

  network_acls {
    bypass         = "AzureServices"
    default_action = "Deny"
    ip_rules       = ["203.0.113.0/24"]
  }
}

resource "azurerm_monitor_diagnostic_setting" "office" {
  name                       = "reads"
  target_resource_id         = azurerm_key_vault.office.id
  log_analytics_workspace_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.OperationalInsights/workspaces/security"

  enabled_log {
    category_group = "audit"
  }
}
