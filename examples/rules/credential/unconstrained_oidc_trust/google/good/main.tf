terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

resource "google_iam_workload_identity_pool_provider" "github" {
  workload_identity_pool_id          = "ci"
  workload_identity_pool_provider_id = "github"
  attribute_mapping                  = { "google.subject" = "assertion.sub" }
  attribute_condition                = "assertion.repository == 'example/orders' && assertion.ref == 'refs/heads/main'"
  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

# The organisation here, the repository where the pool's identities are let in.
resource "google_iam_workload_identity_pool_provider" "organisation" {
  workload_identity_pool_id          = "ci"
  workload_identity_pool_provider_id = "organisation"
  attribute_mapping                  = { "google.subject" = "assertion.sub" }
  attribute_condition                = "assertion.repository_owner == 'example'"
  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account_iam_member" "deploy" {
  service_account_id = "projects/orders-prod/serviceAccounts/deploy@orders-prod.iam.gserviceaccount.com"
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/ci/attribute.repository/example/orders"
}

resource "google_iam_workload_identity_pool_provider" "aws" {
  workload_identity_pool_id          = "ci"
  workload_identity_pool_provider_id = "aws"
  aws {
    account_id = "123456789012"
  }
}
