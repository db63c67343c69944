terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# Every permission that there is.
resource "azurerm_key_vault_access_policy" "secrets" {
  key_vault_id       = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  tenant_id          = "11111111-1111-1111-1111-111111111111"
  object_id          = "33333333-3333-3333-3333-333333333333"
  secret_permissions = ["Backup", "Delete", "Get", "List", "Purge", "Recover", "Restore", "Set"]
}

# The same for keys.
resource "azurerm_key_vault_access_policy" "keys" {
  key_vault_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  tenant_id    = "11111111-1111-1111-1111-111111111111"
  object_id    = "33333333-3333-3333-3333-333333333333"
  key_permissions = [
    "Backup", "Create", "Decrypt", "Delete", "Encrypt", "Get", "Import", "List", "Purge", "Recover", "Restore", "Sign",
    "UnwrapKey", "Update", "Verify", "WrapKey",
  ]
}

# Everything in the vault.
resource "azurerm_role_assignment" "administrator" {
  scope                = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  role_definition_name = "Key Vault Administrator"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}

resource "azurerm_role_definition" "main" {
  name  = "orders-operator"
  scope = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders"

  permissions {
    # Everything but to assign roles.
    actions     = ["*"]
    not_actions = ["Microsoft.Authorization/*", "Microsoft.KeyVault/vaults/accessPolicies/*"]
  }
}
