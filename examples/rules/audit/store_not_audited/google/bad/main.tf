terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# Of data accesses only the writes of one service are in the log; reading a secret is not.
resource "google_project_iam_audit_config" "storage" {
  project = "orders-prod"
  service = "storage.googleapis.com"
  audit_log_config {
    log_type = "DATA_WRITE"
  }
}

# All reads but those of the one who reads most.
resource "google_organization_iam_audit_config" "all" {
  org_id  = "123456789012"
  service = "allServices"
  audit_log_config {
    log_type         = "DATA_READ"
    exempted_members = ["serviceAccount:batch@orders-prod.iam.gserviceaccount.com"]
  }
}
