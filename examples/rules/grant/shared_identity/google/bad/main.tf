terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# Every machine and every function without an account of its own runs as this one.
resource "google_secret_manager_secret_iam_binding" "orders" {
  secret_id = "projects/orders-prod/secrets/orders-db"
  role      = "roles/secretmanager.secretAccessor"
  members = [
    "serviceAccount:123456789012-compute@developer.gserviceaccount.com",
    "serviceAccount:orders-prod@appspot.gserviceaccount.com",
  ]
}
