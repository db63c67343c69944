terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
    random  = { source = "hashicorp/random" }
  }
}

provider "azurerm" {
  features {}
}

ephemeral "random_password" "main" {
  length = 32
}
# `content_type` is what a vault has for it.
resource "azurerm_key_vault_secret" "db" {
  name             = "orders-db"
  key_vault_id     = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  value_wo         = ephemeral.random_password.main.result
  value_wo_version = 1

  expiration_date = "2027-05-01T00:00:00Z"
  tags            = { owner = "team-orders" }
}
