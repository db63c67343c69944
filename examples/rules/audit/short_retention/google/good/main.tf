terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

resource "google_logging_project_bucket_config" "default" {
  project        = "orders-prod"
  location       = "global"
  bucket_id      = "_Default"
  retention_days = 400
}

# Logs of the application say nothing of who read a secret.
resource "google_logging_project_bucket_config" "app" {
  project        = "orders-prod"
  location       = "europe-west3"
  bucket_id      = "app"
  retention_days = 14
}
