terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# Without the block the Secrets of the cluster lie under Google's key alone.
resource "google_container_cluster" "orders" {
  name             = "orders"
  location         = "europe-west3"
  enable_autopilot = true
}

resource "google_container_cluster" "billing" {
  name             = "billing"
  location         = "europe-west3"
  enable_autopilot = true
  database_encryption {
    state = "DECRYPTED"
  }
}
