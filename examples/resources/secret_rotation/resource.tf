resource "secret" "session_key" {
  name     = "prod/session/key"
  owner    = "team-web"
  generate = { kind = "base64", length = 32 }
}

# Rotated by the provider at the first apply after it is due; the previous value stays readable for two days.
resource "secret_rotation" "session_key" {
  secret_id         = secret.session_key.id
  schedule          = "rate(30 days)"
  keep_previous_for = "48h"
}

# Rotated by the store: a login of its database engine (a static role of Vault or OpenBao), on time, whether Terraform runs or not.
resource "secret_rotation" "orders_db" {
  secret_id = "database/static-creds/orders"
  schedule  = "24h"
  database  = { connection = "orders", username = "orders" }
}
