terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

resource "google_secret_manager_secret_iam_member" "orders" {
  secret_id = "projects/orders-prod/secrets/orders-db"
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:orders@orders-prod.iam.gserviceaccount.com"
}

resource "google_kms_crypto_key_iam_binding" "orders" {
  crypto_key_id = "projects/orders-prod/locations/global/keyRings/secrets/cryptoKeys/orders"
  role          = "roles/cloudkms.cryptoKeyDecrypter"
  members       = ["group:orders@example.com"]
}

resource "google_secret_manager_secret_iam_policy" "billing" {
  secret_id = "projects/orders-prod/secrets/billing"
  policy_data = jsonencode({
    bindings = [{ role = "roles/secretmanager.secretAccessor", members = ["group:billing@example.com"] }]
  })
}
