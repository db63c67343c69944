terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

resource "google_container_cluster" "orders" {
  name             = "orders"
  location         = "europe-west3"
  enable_autopilot = true
  database_encryption {
    state    = "ENCRYPTED"
    key_name = "projects/orders-prod/locations/europe-west3/keyRings/clusters/cryptoKeys/orders"
  }
}
