terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# Once a year.
resource "google_secret_manager_secret" "orders_db" {
  secret_id           = "orders-db"
  labels              = { owner = "team-orders" }
  version_destroy_ttl = "2592000s"
  deletion_protection = true
  replication {
    auto {
      customer_managed_encryption {
        kms_key_name = "projects/orders-prod/locations/global/keyRings/secrets/cryptoKeys/orders"
      }
    }
  }
  topics {
    name = "projects/orders-prod/topics/secret-rotation"
  }
  rotation {
    rotation_period    = "31536000s"
    next_rotation_time = "2026-02-01T06:00:00Z"
  }
}
