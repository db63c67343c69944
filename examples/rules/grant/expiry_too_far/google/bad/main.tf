terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# Four years are no end.
resource "google_secret_manager_secret_iam_member" "migration" {
  secret_id = "projects/orders-prod/secrets/orders-db"
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:migration@orders-prod.iam.gserviceaccount.com"
  condition {
    title       = "migration"
    description = "until the old database is gone"
    expression  = "request.time < timestamp(\"2030-01-01T00:00:00Z\")"
  }
}

resource "google_kms_crypto_key_iam_binding" "migration" {
  crypto_key_id = "projects/orders-prod/locations/global/keyRings/secrets/cryptoKeys/orders"
  role          = "roles/cloudkms.cryptoKeyDecrypter"
  members       = ["serviceAccount:migration@orders-prod.iam.gserviceaccount.com"]
  condition {
    title       = "migration"
    description = "until the old database is gone"
    expression  = "request.time > timestamp(\"2026-01-01T00:00:00Z\") && request.time < timestamp(\"2027-06-01T00:00:00Z\")"
  }
}
