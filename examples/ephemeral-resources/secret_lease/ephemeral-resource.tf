# A database login that exists while Terraform runs, made in the apply only, and revoked at its end.
ephemeral "secret_lease" "migration" {
  path  = "database/creds/migration"
  after = secret_rotation.orders_db.id
}

resource "secret_rotation" "orders_db" {
  secret_id = "database/static-creds/orders"
  schedule  = "24h"
  database  = { connection = "orders", username = "orders" }
}

resource "terraform_data" "migrate" {
  triggers_replace = ["2026-11"]

  provisioner "local-exec" {
    command = "psql --host db.internal --command 'REINDEX DATABASE orders' orders"
    environment = {
      PGUSER     = ephemeral.secret_lease.migration.username
      PGPASSWORD = ephemeral.secret_lease.migration.password
    }
  }
}
