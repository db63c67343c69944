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

ephemeral "random_password" "deploy" {
  length = 32
}

# Encrypted for the repository before Terraform sees it.
resource "github_actions_secret" "deploy" {
  repository      = "orders"
  secret_name     = "DEPLOY_PASSWORD"
  encrypted_value = "aHVudGVyMi1pcy1ub3QtaW4taGVyZS1ub3ItYW55d2hlcmU="
}

# Write-only: not in the state.
resource "tfe_variable" "deploy" {
  workspace_id = "ws-8Fj2kLm4Qp6Rt8Vx"
  category     = "env"
  key          = "DEPLOY_PASSWORD"
  value_wo     = ephemeral.random_password.deploy.result
  sensitive    = true
}

resource "buildkite_cluster_secret" "deploy" {
  cluster_id       = "01234567-89ab-cdef-0123-456789abcdef"
  key              = "DEPLOY_PASSWORD"
  value_wo         = ephemeral.random_password.deploy.result
  value_wo_version = "1"
}

# Names of secrets in a Key Vault, which the pipeline reads itself.
resource "azuredevops_variable_group" "deploy" {
  project_id = "00000000-0000-0000-0000-000000000000"
  name       = "deploy"
  key_vault {
    name                = "orders"
    service_endpoint_id = "00000000-0000-0000-0000-000000000000"
  }
  variable {
    name = "deploy-password"
  }
}

# Settings are no secrets, though these services call every value one.
resource "gitlab_project_variable" "level" {
  project = "example/orders"
  key     = "LOG_LEVEL"
  value   = "info"
}

resource "circleci_context_environment_variable" "role" {
  context_id = "00000000-0000-0000-0000-000000000000"
  name       = "DEPLOY_ROLE"
  value      = "arn:aws:iam::123456789012:role/deploy"
}
