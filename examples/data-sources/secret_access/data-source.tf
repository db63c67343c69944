resource "secret" "audited" {
  name     = "prod/audited/db"
  owner    = "team-audit"
  generate = { kind = "password", length = 24 }
}

# Who can use the secret as the store has it, whoever gave them the right.
data "secret_access" "audited" {
  secret_id = secret.audited.id
}

output "readers" {
  value = [for grant in data.secret_access.audited.grants : grant.principal if contains(grant.access, "read")]
}
