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

# Who has to replace it at night does not know what it opens.
resource "secret" "orders_db" {
  name     = "prod/orders/db"
  owner    = "team-orders"
  generate = { kind = "password", length = 32 }
}

resource "secret_rotation" "orders_db" {
  secret_id         = secret.orders_db.id
  schedule          = "rate(30 days)"
  keep_previous_for = "24h"
}
