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

# `secret_data_wo` would keep it out.
resource "google_secret_manager_secret_version" "orders_db" {
  secret      = "projects/orders-prod/secrets/orders-db"
  secret_data = random_password.orders_db.result
}

# `password_wo` would.
resource "google_sql_user" "orders" {
  name     = "orders"
  instance = "orders"
  password = random_password.orders_db.result
}
