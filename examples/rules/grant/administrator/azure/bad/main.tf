terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# Everything in the subscription.
resource "azurerm_role_assignment" "owner" {
  scope                = "/subscriptions/00000000-0000-0000-0000-000000000000"
  role_definition_name = "Owner"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}

# The same by the id of the role, in a resource group.
resource "azurerm_role_assignment" "by_id" {
  scope              = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders"
  role_definition_id = "/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
  principal_id       = "33333333-3333-3333-3333-333333333333"
}

resource "azurerm_role_definition" "main" {
  name  = "operator"
  scope = "/subscriptions/00000000-0000-0000-0000-000000000000"

  permissions {
    # The same under a name of one's own.
    actions = ["*"]
  }
}
