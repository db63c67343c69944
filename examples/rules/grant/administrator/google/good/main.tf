terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# What a deployment needs, by name.
resource "google_project_iam_member" "deploy" {
  project = "orders-prod"
  role    = "roles/run.developer"
  member  = "serviceAccount:deploy@orders-prod.iam.gserviceaccount.com"
}

resource "google_organization_iam_binding" "platform" {
  org_id  = "123456789012"
  role    = "roles/browser"
  members = ["group:platform@example.com"]
}
