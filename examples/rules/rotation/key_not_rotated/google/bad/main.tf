terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# One version for ever.
resource "google_kms_crypto_key" "orders" {
  name     = "orders"
  key_ring = "projects/orders-prod/locations/global/keyRings/secrets"
}

# Every two years.
resource "google_kms_crypto_key" "billing" {
  name            = "billing"
  key_ring        = "projects/orders-prod/locations/global/keyRings/secrets"
  rotation_period = "63072000s"
}
