terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# Gives itself whatever role it likes.
resource "azurerm_role_assignment" "roles" {
  scope                = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders"
  role_definition_name = "User Access Administrator"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}

# Owns a vault, and so gives roles on it.
resource "azurerm_role_assignment" "vault" {
  scope                = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  role_definition_name = "Owner"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}

# Sets the access policies of every vault of the subscription.
resource "azurerm_role_assignment" "contributor" {
  scope                = "/subscriptions/00000000-0000-0000-0000-000000000000"
  role_definition_name = "Contributor"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}

resource "azurerm_role_definition" "main" {
  name  = "deployer"
  scope = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders"

  permissions {
    # A wildcard that roleAssignments/write is among.
    actions = ["Microsoft.Authorization/*/write", "Microsoft.Web/*"]
  }
}
