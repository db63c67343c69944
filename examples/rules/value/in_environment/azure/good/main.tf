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

  # Each setting names a secret; the app's identity reads it.
  app_settings = {
    DB_PASSWORD = "@Microsoft.KeyVault(SecretUri=https://orders.vault.azure.net/secrets/db/)"
  }

  connection_string {
    name  = "orders"
    type  = "PostgreSQL"
    value = "@Microsoft.KeyVault(SecretUri=https://orders.vault.azure.net/secrets/connection/)"
  }

  site_config {}
}

resource "azurerm_container_group" "main" {
  name                = "orders-import"
  location            = "westeurope"
  resource_group_name = "orders"
  os_type             = "Linux"

  container {
    name   = "import"
    image  = "registry.example.com/import:1"
    cpu    = 1
    memory = 1

    # Where the secret is; the group's identity reads it.
    environment_variables = {
      VAULT = "https://orders.vault.azure.net"
    }
  }
}
