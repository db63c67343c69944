resource "secret" "session_key" {
  name     = "prod/session/key"
  owner    = "team-web"
  generate = { kind = "base64", length = 32 }
}

# The new value does not work: terraform apply -invoke action.secret_rollback.session_key
action "secret_rollback" "session_key" {
  config {
    secret_id = secret.session_key.id
  }
}
