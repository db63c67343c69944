resource "secret" "shared" {
  name     = "shared/token"
  owner    = "team-platform"
  generate = { kind = "hex", length = 32 }
}

# Metadata only: no right to read the value is needed.
data "secret" "shared" {
  secret_id = secret.shared.id
}

output "shared_token_version" {
  value = data.secret.shared.version_id
}
