terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

resource "google_cloud_run_v2_service" "orders" {
  name        = "orders"
  location    = "europe-west3"
  annotations = { "orders/database" = "projects/orders-prod/secrets/orders-db" }
  template {
    containers {
      image = "europe-west3-docker.pkg.dev/orders-prod/apps/orders:1.4"
    }
  }
}

resource "google_service_account" "orders" {
  account_id  = "orders"
  description = "reads the secret orders-db"
}
