terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# An account for this service alone.
resource "google_service_account" "orders" {
  account_id = "orders"
}

resource "google_secret_manager_secret_iam_binding" "orders" {
  secret_id = "projects/orders-prod/secrets/orders-db"
  role      = "roles/secretmanager.secretAccessor"
  members   = [google_service_account.orders.member]
}
