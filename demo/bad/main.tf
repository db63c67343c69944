# What secretlint is there to stop: a wildcard grant, a value in plain text, a secret nobody rotates.

terraform {
  required_providers {
    secret = { source = "secretlint/secret" }
  }
}

provider "secret" {
  local {
    path = "store"
  }
}

variable "database_password" {
  type    = string
  default = "correct-horse-battery-staple"
}

resource "secret" "orders_db" {
  name                 = "prod/orders/db"
  recovery_window_days = 0

  fields = {
    username = "orders"
    password = "correct-horse-battery-staple"
  }
}

output "orders_db_password" {
  value = var.database_password
}

resource "terraform_data" "reporting_policy" {
  input = "the grants of a cloud look the same to secretlint: see examples/rules/grant"
}
