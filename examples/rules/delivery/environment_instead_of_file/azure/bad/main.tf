terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

resource "azurerm_container_app" "main" {
  name                         = "orders"
  container_app_environment_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.App/managedEnvironments/shop"
  resource_group_name          = "orders"
  revision_mode                = "Single"

  identity {
    type = "SystemAssigned"
  }

  secret {
    name                = "db"
    identity            = "System"
    key_vault_secret_id = "https://orders.vault.azure.net/secrets/db"
  }

  template {
    container {
      name   = "orders"
      image  = "registry.example.com/orders:1"
      cpu    = 0.5
      memory = "1Gi"

      # Shown to whoever may look into the container, and to every process in it.
      env {
        name        = "DB_PASSWORD"
        secret_name = "db"
      }
    }
  }
}
