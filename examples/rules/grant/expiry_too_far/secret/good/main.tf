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

# What a job needs for as long as it runs has no end of its own: it goes with the job, in review.
resource "secret_grant" "report" {
  secret_id = secret.orders_db.id
  principal = "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z"
  access    = ["read"]
  reason    = "yearly report"
}
