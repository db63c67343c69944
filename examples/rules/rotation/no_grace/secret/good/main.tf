terraform {
  required_providers {
    secret = { source = "secretlint/secret" }
  }
}

provider "secret" {
  local {
    path = ".secrets"
  }
}

# Two days for everybody to read the new one.
resource "secret" "orders_db" {
  name        = "prod/orders/db"
  description = "Login of the orders service"
  owner       = "team-orders"
  generate    = { kind = "password", length = 32 }
}

resource "secret_rotation" "orders_db" {
  secret_id         = secret.orders_db.id
  schedule          = "rate(30 days)"
  keep_previous_for = "48h"
}
