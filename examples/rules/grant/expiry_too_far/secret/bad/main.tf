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

resource "secret" "orders_db" {
  name        = "prod/orders/db"
  description = "Login of the orders service"
  owner       = "team-orders"
  generate    = { kind = "password", length = 32 }
}

resource "secret_rotation" "orders_db" {
  secret_id         = secret.orders_db.id
  schedule          = "rate(30 days)"
  keep_previous_for = "24h"
}

# An end in ten years is none.
resource "secret_grant" "report" {
  secret_id  = secret.orders_db.id
  principal  = "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z"
  access     = ["read"]
  reason     = "yearly report"
  expires_at = "2036-12-01T00:00:00Z"
}
