terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# Everybody who may look at the service reads its variables.
resource "google_cloud_run_v2_service" "orders" {
  name     = "orders"
  location = "europe-west3"
  template {
    containers {
      image = "europe-west3-docker.pkg.dev/orders-prod/apps/orders:1.4"
      env {
        name  = "DB_PASSWORD"
        value = "orders-Rz71-harbour"
      }
    }
  }
}

resource "google_cloudfunctions2_function" "mailer" {
  name     = "mailer"
  location = "europe-west3"
  build_config {
    runtime     = "python312"
    entry_point = "send"
  }
  service_config {
    environment_variables = { SMTP_PASSWORD = "relay-Xk29-tulip" }
  }
}
