terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# With one key.
resource "google_kms_crypto_key_iam_member" "orders" {
  crypto_key_id = "projects/orders-prod/locations/global/keyRings/secrets/cryptoKeys/orders"
  role          = "roles/cloudkms.cryptoKeyDecrypter"
  member        = "serviceAccount:orders@orders-prod.iam.gserviceaccount.com"
}

# Whoever only encrypts reads nothing.
resource "google_kms_crypto_key_iam_binding" "backup" {
  crypto_key_id = "projects/orders-prod/locations/global/keyRings/secrets/cryptoKeys/backup"
  role          = "roles/cloudkms.cryptoKeyEncrypter"
  members       = ["serviceAccount:backup@orders-prod.iam.gserviceaccount.com"]
}
