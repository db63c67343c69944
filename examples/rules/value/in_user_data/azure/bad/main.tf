terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# Base64 hides nothing.
resource "azurerm_linux_virtual_machine" "app" {
  name                  = "app"
  location              = "westeurope"
  resource_group_name   = "orders"
  size                  = "Standard_B2s"
  admin_username        = "operator"
  network_interface_ids = ["/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.Network/networkInterfaces/app"]
  admin_ssh_key {
    username   = "operator"
    public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAQ2pUqkQUxoHbkl4eVfSGg6nPqbi3HwnTe2ZCMqiyFj"
  }

  custom_data = base64encode(<<-EOT
    #!/bin/sh
    export DB_PASSWORD=Sommer-in-Basel-7
    /opt/orders/start
  EOT
  )

  os_disk {
    caching = "ReadOnly"
  }
}

# What a machine can ask for at any time.
resource "azurerm_linux_virtual_machine" "batch" {
  name                  = "batch"
  location              = "westeurope"
  resource_group_name   = "orders"
  size                  = "Standard_B2s"
  admin_username        = "operator"
  network_interface_ids = ["/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.Network/networkInterfaces/batch"]
  admin_ssh_key {
    username   = "operator"
    public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAQ2pUqkQUxoHbkl4eVfSGg6nPqbi3HwnTe2ZCMqiyFj"
  }

  user_data = base64encode("API_TOKEN=Winter-in-Basel-8\n/opt/orders/batch\n")

  os_disk {
    caching = "ReadOnly"
  }
}
