terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# The role reads the value, writes new ones, destroys old ones and says who else may.
resource "google_secret_manager_secret_iam_member" "orders" {
  secret_id = "projects/orders-prod/secrets/orders-db"
  role      = "roles/secretmanager.admin"
  member    = "serviceAccount:orders@orders-prod.iam.gserviceaccount.com"
}

resource "google_secret_manager_regional_secret_iam_binding" "orders" {
  secret_id = "projects/orders-prod/locations/europe-west3/secrets/orders-db"
  location  = "europe-west3"
  role      = "roles/secretmanager.admin"
  members   = ["group:orders@example.com"]
}
