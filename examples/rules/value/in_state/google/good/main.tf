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

ephemeral "random_password" "orders_db" {
  length = 32
}

resource "google_secret_manager_secret_version" "orders_db" {
  secret                 = "projects/orders-prod/secrets/orders-db"
  secret_data_wo         = ephemeral.random_password.orders_db.result
  secret_data_wo_version = 1
}

# Logging in by IAM needs no password.
resource "google_sql_user" "orders" {
  name     = "orders@orders-prod.iam"
  instance = "orders"
  type     = "CLOUD_IAM_SERVICE_ACCOUNT"
}
