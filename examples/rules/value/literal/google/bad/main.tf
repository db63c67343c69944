terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# Written out in a version of a secret.
resource "google_secret_manager_secret_version" "orders_db" {
  secret      = "projects/orders-prod/secrets/orders-db"
  secret_data = "orders-Rz71-harbour"
}

# A write-only argument keeps a value out of the state. It does not take it out of this file.
resource "google_secret_manager_secret_version" "orders_api" {
  secret                 = "projects/orders-prod/secrets/orders-api"
  secret_data_wo         = "api-Qm48-lantern"
  secret_data_wo_version = 1
}

resource "google_sql_user" "orders" {
  name     = "orders"
  instance = "orders"
  password = "orders-Rz71-harbour"
}

# The first user of a cluster has a password like every other.
resource "google_alloydb_cluster" "orders" {
  cluster_id = "orders"
  location   = "europe-west3"
  labels     = { owner = "team-orders" }
  initial_user {
    user     = "orders"
    password = "orders-Vt53-meadow"
  }
}
