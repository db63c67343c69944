terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# A backup of etcd holds every Secret in the clear of Azure's own key.
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

}
