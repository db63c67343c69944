terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# The account of another project, whoever may use it there.
resource "google_secret_manager_secret_iam_member" "partner" {
  secret_id = "projects/orders-prod/secrets/orders-db"
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:etl@partner-data.iam.gserviceaccount.com"
}

# A personal account belongs to no organisation.
resource "google_kms_crypto_key_iam_member" "contractor" {
  crypto_key_id = "projects/orders-prod/locations/global/keyRings/secrets/cryptoKeys/orders"
  role          = "roles/cloudkms.cryptoKeyDecrypter"
  member        = "user:contractor.of.orders@gmail.com"
}
