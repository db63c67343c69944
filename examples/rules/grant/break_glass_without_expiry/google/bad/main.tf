terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# Meant for one night, and there for ever.
resource "google_secret_manager_secret_iam_member" "break_glass" {
  secret_id = "projects/orders-prod/secrets/orders-db"
  role      = "roles/secretmanager.secretAccessor"
  member    = "group:oncall@example.com"
}

# The condition gives the reason, and no end.
resource "google_kms_crypto_key_iam_member" "oncall" {
  crypto_key_id = "projects/orders-prod/locations/global/keyRings/secrets/cryptoKeys/orders"
  role          = "roles/cloudkms.cryptoKeyDecrypter"
  member        = "group:oncall@example.com"
  condition {
    title       = "emergency-access"
    description = "incident 2041"
    expression  = "resource.type == \"cloudkms.googleapis.com/CryptoKey\""
  }
}
