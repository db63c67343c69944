resource "secret" "database" {
  name     = "prod/database/admin"
  owner    = "team-data"
  generate = { kind = "password", length = 32 }
}

# Reads the value while Terraform runs; it is in no plan and no state.
ephemeral "secret" "database" {
  secret_id = secret.database.id
}

# Into another provider's write-only argument, for example:
#   password_wo         = ephemeral.secret.database.value
#   password_wo_version = secret.database.version_id
