terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

resource "google_secret_manager_secret_iam_member" "break_glass" {
  secret_id = "projects/orders-prod/secrets/orders-db"
  role      = "roles/secretmanager.secretAccessor"
  member    = "group:oncall@example.com"
  condition {
    title       = "break-glass"
    description = "incident 2041"
    expression  = "request.time < timestamp(\"2026-01-02T00:00:00Z\")"
  }
}
