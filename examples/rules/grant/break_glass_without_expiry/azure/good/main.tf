terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# It ends by itself.
resource "azurerm_pim_active_role_assignment" "main" {
  scope              = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  role_definition_id = "/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6"
  principal_id       = "33333333-3333-3333-3333-333333333333"
  justification      = "emergency access to the orders database"

  schedule {
    expiration {
      duration_hours = 8
    }
  }
}
