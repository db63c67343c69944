resource "secret" "session_key" {
  name     = "prod/session/key"
  owner    = "team-web"
  generate = { kind = "base64", length = 32 }
}

# By hand: terraform apply -invoke action.secret_rotate.session_key
action "secret_rotate" "session_key" {
  config {
    secret_id = secret.session_key.id
  }
}
