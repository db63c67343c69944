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

# It can be brought back for 30 days.
resource "secret" "orders_db" {
  name                 = "prod/orders/db"
  description          = "Login of the orders service"
  owner                = "team-orders"
  generate             = { kind = "password", length = 32 }
  on_destroy           = "soft_delete"
  recovery_window_days = 30
}

resource "secret_rotation" "orders_db" {
  secret_id         = secret.orders_db.id
  schedule          = "rate(30 days)"
  keep_previous_for = "24h"
}
