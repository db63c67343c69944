terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# What the service does.
resource "azurerm_key_vault_access_policy" "secrets" {
  key_vault_id       = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  tenant_id          = "11111111-1111-1111-1111-111111111111"
  object_id          = "33333333-3333-3333-3333-333333333333"
  secret_permissions = ["Get"]
}

# What a service needs to encrypt its own data.
resource "azurerm_key_vault_access_policy" "keys" {
  key_vault_id    = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  tenant_id       = "11111111-1111-1111-1111-111111111111"
  object_id       = "33333333-3333-3333-3333-333333333333"
  key_permissions = ["Get", "UnwrapKey", "WrapKey"]
}

# Who puts values in reads none of another secret.
resource "azurerm_role_assignment" "officer" {
  scope                = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders/secrets/orders-db"
  role_definition_name = "Key Vault Secrets Officer"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}

resource "azurerm_role_definition" "main" {
  name  = "orders-operator"
  scope = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders"

  permissions {
    actions      = ["Microsoft.KeyVault/vaults/read"]
    data_actions = ["Microsoft.KeyVault/vaults/secrets/readMetadata/action"]
  }
}
