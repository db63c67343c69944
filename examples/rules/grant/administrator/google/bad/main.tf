terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

resource "google_project_iam_member" "deploy" {
  project = "orders-prod"
  role    = "roles/owner"
  member  = "serviceAccount:deploy@orders-prod.iam.gserviceaccount.com"
}

# Of all projects of the organisation.
resource "google_organization_iam_binding" "platform" {
  org_id  = "123456789012"
  role    = "roles/owner"
  members = ["group:platform@example.com"]
}
