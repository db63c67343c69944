terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# The key works from anywhere, until somebody deletes it.
resource "google_service_account_key" "deploy" {
  service_account_id = "projects/orders-prod/serviceAccounts/deploy@orders-prod.iam.gserviceaccount.com"
}

resource "google_storage_hmac_key" "export" {
  service_account_email = "export@orders-prod.iam.gserviceaccount.com"
}
