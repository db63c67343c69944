terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# A version that is destroyed is gone at once.
resource "google_secret_manager_secret" "orders_db" {
  secret_id           = "orders-db"
  labels              = { owner = "team-orders" }
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
    rotation_period    = "7776000s"
    next_rotation_time = "2026-02-01T06:00:00Z"
  }
}

# A day is soon over.
resource "google_secret_manager_secret" "billing" {
  secret_id           = "billing"
  labels              = { owner = "team-orders" }
  version_destroy_ttl = "86400s"
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
    rotation_period    = "7776000s"
    next_rotation_time = "2026-02-01T06:00:00Z"
  }
}

resource "google_secret_manager_regional_secret" "shop" {
  secret_id           = "shop"
  location            = "europe-west3"
  labels              = { owner = "team-orders" }
  deletion_protection = true
  customer_managed_encryption {
    kms_key_name = "projects/orders-prod/locations/europe-west3/keyRings/secrets/cryptoKeys/orders"
  }
  topics {
    name = "projects/orders-prod/topics/secret-rotation"
  }
  rotation {
    rotation_period    = "7776000s"
    next_rotation_time = "2026-02-01T06:00:00Z"
  }
}
