terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# Gives one role only.
resource "azurerm_role_assignment" "roles" {
  scope                = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders"
  role_definition_name = "Role Based Access Control Administrator"
  principal_id         = "33333333-3333-3333-3333-333333333333"
  condition_version    = "2.0"
  condition            = "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {4633458b-17de-408a-b874-0445c86b69e6}"
}

# In a resource group whose vaults decide by roles.
resource "azurerm_role_assignment" "contributor" {
  scope                = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders"
  role_definition_name = "Contributor"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}

resource "azurerm_role_definition" "main" {
  name  = "deployer"
  scope = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders"

  permissions {
    actions = ["Microsoft.Authorization/*/read", "Microsoft.Web/*"]
  }
}
