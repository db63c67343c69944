terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# Reads what is there, no values.
resource "azurerm_role_assignment" "reader" {
  scope                = "/subscriptions/00000000-0000-0000-0000-000000000000"
  role_definition_name = "Reader"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}

# Changes what the team has.
resource "azurerm_role_assignment" "contributor" {
  scope                = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders"
  role_definition_name = "Contributor"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}

# Reads one secret.
resource "azurerm_role_assignment" "secret" {
  scope                = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders/secrets/orders-db"
  role_definition_name = "Key Vault Secrets User"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}
