terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# Every secret of every vault of the subscription.
resource "azurerm_role_assignment" "subscription" {
  scope                = "/subscriptions/00000000-0000-0000-0000-000000000000"
  role_definition_name = "Key Vault Secrets User"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}

# Of every subscription below.
resource "azurerm_role_assignment" "management_group" {
  scope                = "/providers/Microsoft.Management/managementGroups/shop"
  role_definition_name = "Key Vault Secrets Officer"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}

resource "azurerm_resource_group" "main" {
  name     = "orders"
  location = "westeurope"
}

# Of whatever vault comes into the resource group.
resource "azurerm_role_assignment" "resource_group" {
  scope                = azurerm_resource_group.main.id
  role_definition_name = "Key Vault Secrets User"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}
