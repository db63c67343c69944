terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# At the secret.
resource "google_secret_manager_secret_iam_member" "orders" {
  secret_id = "projects/orders-prod/secrets/orders-db"
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:orders@orders-prod.iam.gserviceaccount.com"
}

# At the project, for the secrets whose names begin so.
resource "google_project_iam_member" "batch" {
  project = "orders-prod"
  role    = "roles/secretmanager.secretAccessor"
  member  = "serviceAccount:batch@orders-prod.iam.gserviceaccount.com"
  condition {
    title      = "batch-secrets"
    expression = "resource.name.startsWith(\"projects/123456789012/secrets/batch-\")"
  }
}

# Names and labels are no values.
resource "google_folder_iam_binding" "support" {
  folder  = "folders/123456789012"
  role    = "roles/secretmanager.viewer"
  members = ["group:support@example.com"]
}
