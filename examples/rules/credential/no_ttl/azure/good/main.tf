terraform {
  required_providers {
    azuread = { source = "hashicorp/azuread" }
  }
}

# No password: the pipeline proves who it is.
resource "azuread_application_federated_identity_credential" "main" {
  application_id = "/applications/33333333-3333-3333-3333-333333333333"
  display_name   = "deploy"
  issuer         = "https://token.actions.githubusercontent.com"
  subject        = "repo:acme/orders:environment:production"
  audiences      = ["api://AzureADTokenExchange"]
}
