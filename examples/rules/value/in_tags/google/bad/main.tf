terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# Whoever may list the services reads their annotations.
resource "google_cloud_run_v2_service" "orders" {
  name        = "orders"
  location    = "europe-west3"
  annotations = { "orders/database" = "postgres://orders:Rz71-harbour@10.0.0.5:5432/orders" }
  template {
    containers {
      image = "europe-west3-docker.pkg.dev/orders-prod/apps/orders:1.4"
    }
  }
}

# A description is for people, many of them.
resource "google_service_account" "orders" {
  account_id  = "orders"
  description = "logs in at postgres://orders:Vt53-meadow@10.0.0.5:5432/orders"
}
