terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

resource "google_parameter_manager_parameter" "orders" {
  parameter_id = "orders"
  format       = "JSON"
}

# A parameter is a setting: whoever may read the service's settings has the password.
resource "google_parameter_manager_parameter_version" "orders" {
  parameter            = google_parameter_manager_parameter.orders.id
  parameter_version_id = "v1"
  parameter_data       = jsonencode({ host = "10.0.0.5", password = "orders-Rz71-harbour" })
}
