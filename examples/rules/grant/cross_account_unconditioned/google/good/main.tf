terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# A condition says from where.
resource "google_secret_manager_secret_iam_member" "partner" {
  secret_id = "projects/orders-prod/secrets/orders-db"
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:etl@partner-data.iam.gserviceaccount.com"
  condition {
    title      = "partner-network"
    expression = "'accessPolicies/123456789012/accessLevels/partner' in request.auth.access_levels"
  }
}

# The contractor has an account of this organisation.
resource "google_kms_crypto_key_iam_member" "contractor" {
  crypto_key_id = "projects/orders-prod/locations/global/keyRings/secrets/cryptoKeys/orders"
  role          = "roles/cloudkms.cryptoKeyDecrypter"
  member        = "user:contractor@example.com"
}
