terraform {
  required_providers {
    azuread = { source = "hashicorp/azuread" }
    azurerm = { source = "hashicorp/azurerm" }
    random  = { source = "hashicorp/random" }
  }
}

provider "azurerm" {
  features {}
}

# Anybody with the state reads and writes the account, which takes its keys.
resource "azurerm_storage_account" "main" {
  name                     = "ordersexports"
  location                 = "westeurope"
  resource_group_name      = "orders"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
}

# A password that Entra ID makes is kept where it was made.
resource "azuread_application_password" "main" {
  application_id    = "/applications/33333333-3333-3333-3333-333333333333"
  end_date_relative = "720h"
}

# There is no write-only argument for this one.
resource "random_password" "main" {
  length = 32
}

resource "azurerm_windows_virtual_machine" "desk" {
  name                  = "desk"
  location              = "westeurope"
  resource_group_name   = "orders"
  size                  = "Standard_B2s"
  admin_username        = "operator"
  network_interface_ids = ["/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.Network/networkInterfaces/desk"]
  admin_password        = random_password.main.result

  os_disk {
    caching = "ReadOnly"
  }
}
