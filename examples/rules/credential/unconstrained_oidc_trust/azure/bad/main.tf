terraform {
  required_providers {
    azuread = { source = "hashicorp/azuread" }
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# A repository of anybody.
resource "azuread_application_flexible_federated_identity_credential" "anybody" {
  application_id             = "/applications/33333333-3333-3333-3333-333333333333"
  display_name               = "anybody"
  issuer                     = "https://token.actions.githubusercontent.com"
  audience                   = "api://AzureADTokenExchange"
  claims_matching_expression = "claims['sub'] matches 'repo:*'"
}

# Every project of the group.
resource "azuread_application_flexible_federated_identity_credential" "group" {
  application_id             = "/applications/33333333-3333-3333-3333-333333333333"
  display_name               = "group"
  issuer                     = "https://gitlab.com"
  audience                   = "api://AzureADTokenExchange"
  claims_matching_expression = "claims['sub'] matches 'project_path:acme/*'"
}

# A pull request that nobody has reviewed.
resource "azurerm_federated_identity_credential" "main" {
  name                = "deploy"
  resource_group_name = "orders"
  parent_id           = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.ManagedIdentity/userAssignedIdentities/deploy"
  issuer              = "https://token.actions.githubusercontent.com"
  subject             = "repo:acme/orders:pull_request"
  audience            = ["api://AzureADTokenExchange"]
}
