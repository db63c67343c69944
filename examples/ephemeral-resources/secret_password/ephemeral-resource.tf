# A new password at every open. Change the version of the write-only argument to have it used.
ephemeral "secret_password" "admin" {
  length  = 24
  exclude = "0O1lI"
}

resource "secret" "admin" {
  name             = "prod/admin"
  owner            = "team-platform"
  value_wo         = ephemeral.secret_password.admin.result
  value_wo_version = "1"
}
