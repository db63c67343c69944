terraform {
  required_providers {
    google = { source = "hashicorp/google" }
    random = { source = "hashicorp/random" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

resource "random_password" "orders_db" {
  length = 32
}

# The provider has no write-only form of a regional secret's value.
resource "google_secret_manager_regional_secret_version" "orders_db" {
  secret      = "projects/orders-prod/locations/europe-west3/secrets/orders-db"
  secret_data = random_password.orders_db.result
}

resource "google_alloydb_cluster" "orders" {
  cluster_id = "orders"
  location   = "europe-west3"
  labels     = { owner = "team-orders" }
  initial_user {
    user     = "orders"
    password = random_password.orders_db.result
  }
}

# The secret half of the key is an attribute like any other.
resource "google_storage_hmac_key" "export" {
  service_account_email = "export@orders-prod.iam.gserviceaccount.com"
}
