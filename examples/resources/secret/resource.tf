# A JSON value with public fields and a password that is made inside apply and never passes through Terraform.
resource "secret" "orders_db" {
  name        = "prod/orders/db"
  description = "Orders service database login"
  owner       = "team-orders"
  tags        = { service = "orders" }

  generate = { kind = "password", length = 32, field = "password" }
  fields   = { username = "orders", host = "db.internal", port = "5432" }
}

# A value from elsewhere, as a write-only argument: change the version to send the new value.
ephemeral "secret_password" "gateway_key" {
  length = 40
}

resource "secret" "gateway_key" {
  name             = "prod/gateway/key"
  owner            = "team-payments"
  value_wo         = ephemeral.secret_password.gateway_key.result
  value_wo_version = "1"
}

# Metadata only: somebody else puts the value there.
resource "secret" "license" {
  name        = "shared/license"
  description = "Put there by the procurement team"
  owner       = "team-procurement"
}
