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

# Taking this block out of the code destroys the value for good.
resource "secret" "orders_db" {
  name        = "prod/orders/db"
  description = "Login of the orders service"
  owner       = "team-orders"
  generate    = { kind = "password", length = 32 }
  on_destroy  = "purge"
}

resource "secret_rotation" "orders_db" {
  secret_id         = secret.orders_db.id
  schedule          = "rate(30 days)"
  keep_previous_for = "24h"
}
