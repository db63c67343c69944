terraform {
  required_providers {
    secret = { source = "secretlint/secret" }
  }
}

provider "secret" {
  aws {
    region = "eu-central-1"
  }
}

resource "secret" "orders_db" {
  name        = "prod/orders/db"
  description = "Login of the orders service"
  owner       = "team-orders"
  generate    = { kind = "password", length = 32 }
  kms_key     = "alias/orders"
}

resource "secret_rotation" "orders_db" {
  secret_id         = secret.orders_db.id
  schedule          = "rate(30 days)"
  keep_previous_for = "24h"
}

# For an emergency, and for an hour after the second factor was shown.
resource "secret_grant" "break_glass" {
  secret_id  = secret.orders_db.id
  principal  = "arn:aws:iam::123456789012:role/on-call"
  access     = ["read"]
  reason     = "break glass: access of the on-call engineer"
  conditions = [{ operator = "NumericLessThan", key = "aws:MultiFactorAuthAge", values = ["3600"] }]
}
