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

# Eight digits.
resource "secret" "orders_db" {
  name        = "prod/orders/db"
  description = "Login of the orders service"
  owner       = "team-orders"
  generate    = { kind = "password", length = 8, classes = ["digits"] }
}

resource "secret_rotation" "orders_db" {
  secret_id         = secret.orders_db.id
  schedule          = "rate(30 days)"
  keep_previous_for = "24h"
}

# Four words.
resource "secret" "orders_api" {
  name        = "prod/orders/api"
  description = "Login of the orders service"
  owner       = "team-orders"
  generate    = { kind = "words", length = 4 }
}

resource "secret_rotation" "orders_api" {
  secret_id         = secret.orders_api.id
  schedule          = "rate(30 days)"
  keep_previous_for = "24h"
}
