terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# The pipeline shows a token of its own, and is the service account for an hour.
resource "google_service_account_iam_member" "deploy" {
  service_account_id = "projects/orders-prod/serviceAccounts/deploy@orders-prod.iam.gserviceaccount.com"
  role               = "roles/iam.workloadIdentityUser"
  member             = "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/ci/subject/repo:example/orders:environment:prod"
}
