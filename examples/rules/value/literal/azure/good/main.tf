terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
    random  = { source = "hashicorp/random" }
  }
}

provider "azurerm" {
  features {}
}

# No password: administrators are identities of Entra ID.
resource "azurerm_mssql_server" "db" {
  name                = "orders-db"
  location            = "westeurope"
  resource_group_name = "orders"
  version             = "12.0"
  azuread_administrator {
    login_username              = "orders-admins"
    object_id                   = "33333333-3333-3333-3333-333333333333"
    azuread_authentication_only = true
  }
}

# No password: a key.
resource "azurerm_linux_virtual_machine" "desk" {
  name                  = "desk"
  location              = "westeurope"
  resource_group_name   = "orders"
  size                  = "Standard_B2s"
  admin_username        = "operator"
  network_interface_ids = ["/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.Network/networkInterfaces/desk"]
  admin_ssh_key {
    username   = "operator"
    public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAQ2pUqkQUxoHbkl4eVfSGg6nPqbi3HwnTe2ZCMqiyFj"
  }

  os_disk {
    caching = "ReadOnly"
  }
}

# A value that nobody has seen.
ephemeral "random_password" "main" {
  length = 32
}

resource "azurerm_key_vault_secret" "api" {
  name             = "orders-api"
  key_vault_id     = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  value_wo         = ephemeral.random_password.main.result
  value_wo_version = 1

  content_type    = "login of the orders service"
  expiration_date = "2027-05-01T00:00:00Z"
  tags            = { owner = "team-orders" }
}
