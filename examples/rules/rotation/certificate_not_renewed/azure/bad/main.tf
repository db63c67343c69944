terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  features {}
}

# Somebody gets a mail, and has to act.
resource "azurerm_key_vault_certificate" "mail" {
  name         = "orders-mail"
  key_vault_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/orders/providers/Microsoft.KeyVault/vaults/orders"

  certificate_policy {
    issuer_parameters {
      name = "DigiCert"
    }
    key_properties {
      exportable = false
      key_type   = "RSA"
      key_size   = 3072
      reuse_key  = false
    }
    lifetime_action {
      action {
        action_type = "EmailContacts"
      }
      trigger {
        days_before_expiry = 30
      }
    }
    secret_properties {
      content_type = "application/x-pkcs12"
    }
    x509_certificate_properties {
      subject            = "CN=orders.example.com"
      validity_in_months = 12
      key_usage          = ["digitalSignature"]
    }
  }
}
