terraform {
  required_providers {
    azuredevops = { source = "microsoft/azuredevops" }
    buildkite   = { source = "buildkite/buildkite" }
    circleci    = { source = "circleci-public/circleci" }
    github      = { source = "integrations/github" }
    gitlab      = { source = "gitlabhq/gitlab" }
    random      = { source = "hashicorp/random" }
    tfe         = { source = "hashicorp/tfe" }
  }
}

resource "random_password" "deploy" {
  length = 32
}

# Written in the code.
resource "github_actions_secret" "deploy" {
  repository      = "orders"
  secret_name     = "DEPLOY_PASSWORD"
  plaintext_value = "Rz71-harbour-lantern"
}

# A plain variable is shown to everybody who sees the settings.
resource "github_actions_variable" "deploy" {
  repository    = "orders"
  variable_name = "DEPLOY_PASSWORD"
  value         = "Qx99-anchor-meadow"
}

# Not masked: jobs print it.
resource "gitlab_project_variable" "deploy" {
  project = "example/orders"
  key     = "DEPLOY_PASSWORD"
  value   = random_password.deploy.result
}

# Hidden in the service, and in the state all the same.
resource "tfe_variable" "deploy" {
  workspace_id = "ws-8Fj2kLm4Qp6Rt8Vx"
  category     = "env"
  key          = "DEPLOY_PASSWORD"
  value        = random_password.deploy.result
  sensitive    = true
}

resource "circleci_context_environment_variable" "deploy" {
  context_id = "00000000-0000-0000-0000-000000000000"
  name       = "DEPLOY_PASSWORD"
  value      = random_password.deploy.result
}

resource "buildkite_cluster_secret" "deploy" {
  cluster_id = "01234567-89ab-cdef-0123-456789abcdef"
  key        = "DEPLOY_PASSWORD"
  value      = random_password.deploy.result
}

resource "azuredevops_variable_group" "deploy" {
  project_id = "00000000-0000-0000-0000-000000000000"
  name       = "deploy"
  variable {
    name         = "DEPLOY_PASSWORD"
    secret_value = random_password.deploy.result
    is_secret    = true
  }
}
