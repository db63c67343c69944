terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# With every key of the project.
resource "google_project_iam_member" "orders" {
  project = "orders-prod"
  role    = "roles/cloudkms.cryptoKeyDecrypter"
  member  = "serviceAccount:orders@orders-prod.iam.gserviceaccount.com"
}

# With every key of the ring, and those that are added later.
resource "google_kms_key_ring_iam_binding" "backup" {
  key_ring_id = "projects/orders-prod/locations/global/keyRings/secrets"
  role        = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  members     = ["serviceAccount:backup@orders-prod.iam.gserviceaccount.com"]
}
