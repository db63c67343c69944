terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# Thirty days, where nothing is said: this bucket takes the log of data accesses.
resource "google_logging_project_bucket_config" "default" {
  project   = "orders-prod"
  location  = "global"
  bucket_id = "_Default"
}

resource "google_logging_project_bucket_config" "audit" {
  project        = "orders-prod"
  location       = "europe-west3"
  bucket_id      = "audit"
  retention_days = 14
}
