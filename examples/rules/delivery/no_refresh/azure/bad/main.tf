terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

resource "azurerm_linux_web_app" "main" {
  name                = "orders"
  location            = "westeurope"
  resource_group_name = "orders"
  service_plan_id     = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.Web/serverFarms/orders"
  https_only          = true

  # A reference with a version stays with it.
  app_settings = {
    DB_PASSWORD = "@Microsoft.KeyVault(SecretUri=https://orders.vault.azure.net/secrets/db/0123456789abcdef0123456789abcdef)"
    API_TOKEN   = "@Microsoft.KeyVault(VaultName=orders;SecretName=api;SecretVersion=0123456789abcdef0123456789abcdef)"
  }

  site_config {}
}

# The driver reads each secret once, when a pod starts.
resource "azurerm_kubernetes_cluster" "main" {
  name                   = "orders"
  location               = "westeurope"
  resource_group_name    = "orders"
  dns_prefix             = "orders"
  local_account_disabled = true

  default_node_pool {
    name       = "system"
    vm_size    = "Standard_D2s_v5"
    node_count = 3
  }

  identity {
    type = "SystemAssigned"
  }
  key_management_service {
    key_vault_key_id         = "https://orders.vault.azure.net/keys/etcd/0123456789abcdef0123456789abcdef"
    key_vault_network_access = "Private"
  }

  key_vault_secrets_provider {
    secret_rotation_enabled = false
  }
}
