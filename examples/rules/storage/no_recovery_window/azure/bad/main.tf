terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
    random  = { source = "hashicorp/random" }
  }
}

provider "azurerm" {
  features {
    key_vault {
      purge_soft_deleted_keys_on_destroy    = true
      purge_soft_deleted_secrets_on_destroy = true
    }
  }
}

ephemeral "random_password" "main" {
  length = 32
}
# Lets what is deleted in it be purged, which the provider is told to do.
resource "azurerm_key_vault" "main" {
  name                          = "orders-main"
  location                      = "westeurope"
  resource_group_name           = "orders"
  tenant_id                     = "11111111-1111-1111-1111-111111111111"
  sku_name                      = "standard"
  rbac_authorization_enabled    = true
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

resource "azurerm_key_vault_secret" "db" {
  name             = "orders-db"
  key_vault_id     = azurerm_key_vault.main.id
  value_wo         = ephemeral.random_password.main.result
  value_wo_version = 1

  content_type    = "login of the orders service"
  expiration_date = "2027-05-01T00:00:00Z"
  tags            = { owner = "team-orders" }
}

resource "azurerm_key_vault_key" "main" {
  name         = "orders-payments"
  key_vault_id = azurerm_key_vault.main.id
  key_type     = "RSA"
  key_size     = 3072
  key_opts     = ["decrypt", "encrypt"]

  rotation_policy {
    expire_after = "P1Y"

    automatic {
      time_after_creation = "P90D"
    }
  }
}
