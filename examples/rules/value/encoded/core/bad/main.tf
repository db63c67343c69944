terraform {
  required_providers {
    local = { source = "hashicorp/local" }
  }
}

# Base64 hides a secret from reviewers and from nobody else.
resource "local_file" "settings" {
  filename       = "settings.env"
  content_base64 = base64encode("DB_USER=orders\nDB_PASSWORD=correct-horse-7-battery\n")
}
