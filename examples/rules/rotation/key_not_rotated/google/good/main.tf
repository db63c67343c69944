terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

resource "google_kms_crypto_key" "orders" {
  name            = "orders"
  key_ring        = "projects/orders-prod/locations/global/keyRings/secrets"
  rotation_period = "7776000s"
}

# The platform rotates symmetric keys only.
resource "google_kms_crypto_key" "signing" {
  name     = "signing"
  key_ring = "projects/orders-prod/locations/global/keyRings/secrets"
  purpose  = "ASYMMETRIC_SIGN"
  version_template {
    algorithm        = "EC_SIGN_P256_SHA256"
    protection_level = "HSM"
  }
}
