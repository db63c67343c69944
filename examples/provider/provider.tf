terraform {
  required_providers {
    secret = { source = "secretlint/secret" }
  }
}

# The embedded store: standard age files in a folder. It is also what an empty provider block gives, at `.secrets`.
provider "secret" {
  local {
    path = ".secrets"
  }
}
