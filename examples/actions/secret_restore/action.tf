# Deleted by mistake: terraform apply -invoke action.secret_restore.session_key
action "secret_restore" "session_key" {
  config {
    secret_id = "prod/session/key"
  }
}
