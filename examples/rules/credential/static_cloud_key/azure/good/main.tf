terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

# The pipeline proves who it is with a token that ends in minutes.
provider "azurerm" {
  subscription_id = "00000000-0000-0000-0000-000000000000"
  tenant_id       = "11111111-1111-1111-1111-111111111111"
  client_id       = "44444444-4444-4444-4444-444444444444"
  use_oidc        = true

  features {}
}

resource "azurerm_resource_group" "main" {
  name     = "orders"
  location = "westeurope"
}
