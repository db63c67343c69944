terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# A variable is in every crash report, and in the environment of every child.
resource "google_cloud_run_v2_service" "orders" {
  name     = "orders"
  location = "europe-west3"
  template {
    containers {
      image = "europe-west3-docker.pkg.dev/orders-prod/apps/orders:1.4"
      env {
        name = "DB_PASSWORD"
        value_source {
          secret_key_ref {
            secret  = "orders-db"
            version = "latest"
          }
        }
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
    secret_environment_variables {
      key        = "SMTP_PASSWORD"
      project_id = "orders-prod"
      secret     = "smtp"
      version    = "latest"
    }
  }
}
