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

  # A setting is an environment variable of the app.
  app_settings = {
    DB_PASSWORD = "Sommer-in-Basel-7"
  }

  # So is a connection string.
  connection_string {
    name  = "orders"
    type  = "PostgreSQL"
    value = "Host=orders.postgres.database.azure.com;Username=orders;Password=Sommer-in-Basel-7"
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

    # Whoever may look at the container group reads these.
    environment_variables = {
      API_TOKEN = "Winter-in-Basel-8"
    }
  }
}
