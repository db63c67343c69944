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
  name     = "orders"
  location = "europe-west3"
  template {
    volumes {
      name = "database"
      secret {
        secret = "orders-db"
        items {
          path    = "password"
          version = "latest"
        }
      }
    }
    containers {
      image = "europe-west3-docker.pkg.dev/orders-prod/apps/orders:1.4"
      volume_mounts {
        name       = "database"
        mount_path = "/run/secrets/database"
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
    secret_volumes {
      mount_path = "/run/secrets/smtp"
      project_id = "orders-prod"
      secret     = "smtp"
      versions {
        path    = "password"
        version = "latest"
      }
    }
  }
}
