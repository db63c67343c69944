# What secretlint is there to stop: values in plain text, a secret nobody rotates, one nobody owns, one that cannot be brought back.

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

# Generated, but nobody ever changes it.
resource "secret" "session_key" {
  name                 = "prod/session/key"
  owner                = "team-web"
  recovery_window_days = 7

  generate = { kind = "base64", length = 32 }
}
