terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# A list of the roles that may be given.
resource "google_project_iam_member" "ci" {
  project = "orders-prod"
  role    = "roles/resourcemanager.projectIamAdmin"
  member  = "serviceAccount:ci@orders-prod.iam.gserviceaccount.com"
  condition {
    title      = "only-invokers"
    expression = "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/run.invoker'])"
  }
}

# At the one account that developers may be.
resource "google_service_account_iam_binding" "developers" {
  service_account_id = "projects/orders-prod/serviceAccounts/sandbox@orders-prod.iam.gserviceaccount.com"
  role               = "roles/iam.serviceAccountTokenCreator"
  members            = ["group:developers@example.com"]
}

resource "google_organization_iam_member" "security" {
  org_id = "123456789012"
  role   = "roles/iam.securityReviewer"
  member = "group:security@example.com"
}
