terraform {
  required_providers {
    azuread = { source = "hashicorp/azuread" }
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# The account takes identities of Entra ID; its keys open nothing.
resource "azurerm_storage_account" "main" {
  name                      = "ordersexports"
  location                  = "westeurope"
  resource_group_name       = "orders"
  account_tier              = "Standard"
  account_replication_type  = "ZRS"
  shared_access_key_enabled = false
}

# The pipeline proves who it is; the application has no password.
resource "azuread_application_federated_identity_credential" "main" {
  application_id = "/applications/33333333-3333-3333-3333-333333333333"
  display_name   = "deploy"
  issuer         = "https://token.actions.githubusercontent.com"
  subject        = "repo:acme/orders:environment:production"
  audiences      = ["api://AzureADTokenExchange"]
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
