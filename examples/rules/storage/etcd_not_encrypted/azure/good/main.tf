terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

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
}
