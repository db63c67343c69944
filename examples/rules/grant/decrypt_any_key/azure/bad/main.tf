terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# Decrypts with every key of the vault.
resource "azurerm_role_assignment" "vault" {
  scope                = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  role_definition_name = "Key Vault Crypto User"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}

# Of every vault of the subscription.
resource "azurerm_role_assignment" "subscription" {
  scope                = "/subscriptions/00000000-0000-0000-0000-000000000000"
  role_definition_name = "Key Vault Crypto User"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}

# An access policy is for all keys of a vault.
resource "azurerm_key_vault_access_policy" "keys" {
  key_vault_id    = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  tenant_id       = "11111111-1111-1111-1111-111111111111"
  object_id       = "33333333-3333-3333-3333-333333333333"
  key_permissions = ["Decrypt", "Get"]
}

# What services encrypt with, in every vault.
resource "azurerm_role_assignment" "service" {
  scope                = "/subscriptions/00000000-0000-0000-0000-000000000000"
  role_definition_name = "Key Vault Crypto Service Encryption User"
  principal_id         = "33333333-3333-3333-3333-333333333333"
}
