terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# The machine has an identity, and reads the secret when it needs it.
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
    az login --identity
    az keyvault secret show --vault-name orders --name db --query value --output tsv > /run/orders/db
    /opt/orders/start
  EOT
  )

  identity {
    type = "SystemAssigned"
  }

  os_disk {
    caching = "ReadOnly"
  }
}
