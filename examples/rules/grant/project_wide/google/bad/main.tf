terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# Every secret of the project, and those that are added later.
resource "google_project_iam_member" "orders" {
  project = "orders-prod"
  role    = "roles/secretmanager.secretAccessor"
  member  = "serviceAccount:orders@orders-prod.iam.gserviceaccount.com"
}

resource "google_folder_iam_binding" "support" {
  folder  = "folders/123456789012"
  role    = "roles/secretmanager.secretAccessor"
  members = ["group:support@example.com"]
}

# A role of one's own reaches as far.
resource "google_project_iam_custom_role" "reader" {
  role_id     = "configReader"
  title       = "Reads configuration"
  permissions = ["secretmanager.versions.access", "storage.objects.get"]
}

resource "google_project_iam_member" "batch" {
  project = "orders-prod"
  role    = google_project_iam_custom_role.reader.id
  member  = "serviceAccount:batch@orders-prod.iam.gserviceaccount.com"
}
