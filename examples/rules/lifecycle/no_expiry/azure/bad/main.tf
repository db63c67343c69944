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
# A secret for ever.
resource "azurerm_key_vault_secret" "db" {
  name             = "orders-db"
  key_vault_id     = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  value_wo         = ephemeral.random_password.main.result
  value_wo_version = 1

  content_type = "login of the orders service"
  tags         = { owner = "team-orders" }
}

# A key for ever.
resource "azurerm_key_vault_key" "main" {
  name         = "orders-payments"
  key_vault_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  key_type     = "RSA"
  key_size     = 3072
  key_opts     = ["decrypt", "encrypt"]
  tags         = { owner = "team-orders" }
}
