terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

resource "google_secret_manager_secret_iam_member" "migration" {
  secret_id = "projects/orders-prod/secrets/orders-db"
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:migration@orders-prod.iam.gserviceaccount.com"
  condition {
    title       = "migration"
    description = "until the old database is gone"
    expression  = "request.time < timestamp(\"2026-03-01T00:00:00Z\")"
  }
}
