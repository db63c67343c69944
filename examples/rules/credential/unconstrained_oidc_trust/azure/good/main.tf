terraform {
  required_providers {
    azuread = { source = "hashicorp/azuread" }
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# One repository, and an environment that asks for a review.
resource "azuread_application_flexible_federated_identity_credential" "main" {
  application_id             = "/applications/33333333-3333-3333-3333-333333333333"
  display_name               = "deploy"
  issuer                     = "https://token.actions.githubusercontent.com"
  audience                   = "api://AzureADTokenExchange"
  claims_matching_expression = "claims['sub'] eq 'repo:acme/orders:environment:production'"
}

resource "azurerm_federated_identity_credential" "main" {
  name                = "deploy"
  resource_group_name = "orders"
  parent_id           = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.ManagedIdentity/userAssignedIdentities/deploy"
  issuer              = "https://token.actions.githubusercontent.com"
  subject             = "repo:acme/orders:environment:production"
  audience            = ["api://AzureADTokenExchange"]
}
