terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# Who writes the project's policy gives itself any role.
resource "google_project_iam_member" "ci" {
  project = "orders-prod"
  role    = "roles/resourcemanager.projectIamAdmin"
  member  = "serviceAccount:ci@orders-prod.iam.gserviceaccount.com"
}

# A token of every service account of the project, of those that read secrets too.
resource "google_project_iam_binding" "developers" {
  project = "orders-prod"
  role    = "roles/iam.serviceAccountTokenCreator"
  members = ["group:developers@example.com"]
}

# The editor reads no secret, and runs code as whoever does.
resource "google_project_iam_member" "build" {
  project = "orders-prod"
  role    = "roles/editor"
  member  = "serviceAccount:build@orders-prod.iam.gserviceaccount.com"
}

resource "google_organization_iam_member" "security" {
  org_id = "123456789012"
  role   = "roles/iam.securityAdmin"
  member = "group:security@example.com"
}
