resource "secret" "reporting_db" {
  name     = "prod/reporting/db"
  owner    = "team-reporting"
  generate = { kind = "password", length = 24 }
}

# A grant in the embedded store is real: this identity, and no other, can decrypt the secret with the age tool.
resource "secret_grant" "nightly_report" {
  secret_id = secret.reporting_db.id
  principal = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
  access    = ["read"]
  reason    = "nightly revenue report"
}

# Break-glass: ends by itself.
resource "secret_grant" "incident" {
  secret_id  = secret.reporting_db.id
  principal  = "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z"
  access     = ["read"]
  expires_at = "2099-01-01T00:00:00Z"
  reason     = "incident 4711"
}
