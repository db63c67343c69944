terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# A database administrator's password.
resource "azurerm_mssql_server" "db" {
  name                         = "orders-db"
  location                     = "westeurope"
  resource_group_name          = "orders"
  version                      = "12.0"
  administrator_login          = "operator"
  administrator_login_password = "Sommer-in-Basel-7"
}

# A password of a machine.
resource "azurerm_windows_virtual_machine" "desk" {
  name                  = "desk"
  location              = "westeurope"
  resource_group_name   = "orders"
  size                  = "Standard_B2s"
  admin_username        = "operator"
  network_interface_ids = ["/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.Network/networkInterfaces/desk"]
  admin_password        = "Winter-in-Basel-8"

  os_disk {
    caching = "ReadOnly"
  }
}

# Write-only keeps it out of the state, not out of the code.
resource "azurerm_key_vault_secret" "api" {
  name             = "orders-api"
  key_vault_id     = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"
  value_wo         = "Herbst-in-Basel-9"
  value_wo_version = 1
}
