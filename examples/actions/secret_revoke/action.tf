resource "secret" "session_key" {
  name     = "prod/session/key"
  owner    = "team-web"
  generate = { kind = "base64", length = 32 }
}

# A laptop was lost: terraform apply -invoke action.secret_revoke.lost_laptop
action "secret_revoke" "lost_laptop" {
  config {
    secret_id = secret.session_key.id
    principal = "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z"
  }
}
