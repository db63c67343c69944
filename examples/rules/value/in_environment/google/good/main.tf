terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# The service mounts the secret; its environment says where.
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
      env {
        name  = "DB_PASSWORD_FILE"
        value = "/run/secrets/database/password"
      }
      volume_mounts {
        name       = "database"
        mount_path = "/run/secrets/database"
      }
    }
  }
}
