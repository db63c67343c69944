terraform {
  required_providers {
    azuread = { source = "hashicorp/azuread" }
  }
}

# Two years, where nothing is said.
resource "azuread_application_password" "silent" {
  application_id = "/applications/33333333-3333-3333-3333-333333333333"
}

# An end that nobody here will see.
resource "azuread_application_password" "far" {
  application_id = "/applications/33333333-3333-3333-3333-333333333333"
  end_date       = "2099-01-01T00:00:00Z"
}

resource "azuread_application" "main" {
  display_name = "orders-import"

  # Two years as well.
  password {
    display_name = "import"
  }
}
