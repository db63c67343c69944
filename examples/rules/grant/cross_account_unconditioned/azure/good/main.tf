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

# Guests get an identity in the vault's own tenant.
resource "azurerm_key_vault_access_policy" "main" {
  key_vault_id       = azurerm_key_vault.main.id
  tenant_id          = azurerm_key_vault.main.tenant_id
  object_id          = "33333333-3333-3333-3333-333333333333"
  secret_permissions = ["Get"]
}
