terraform {
  required_providers {
    local = { source = "hashicorp/local" }
  }
}

resource "local_file" "settings" {
  filename       = "settings.env"
  content_base64 = base64encode("DB_USER=orders\nDB_PASSWORD_FILE=/run/secrets/orders-db\n")
}
