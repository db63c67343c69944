terraform {
  required_providers {
    datadog = { source = "datadog/datadog" }
    github  = { source = "integrations/github" }
    gitlab  = { source = "gitlabhq/gitlab" }
  }
}

# Each reads its token from the environment of the one who runs Terraform.
provider "github" {
  owner = "example"
}

provider "gitlab" {
  base_url = "https://gitlab.example.com/api/v4/"
}

provider "datadog" {
  api_url = "https://api.datadoghq.eu/"
}

resource "github_actions_variable" "level" {
  repository    = "orders"
  variable_name = "LOG_LEVEL"
  value         = "info"
}

resource "gitlab_project_variable" "level" {
  project = "example/orders"
  key     = "LOG_LEVEL"
  value   = "info"
}

resource "datadog_webhook_custom_variable" "region" {
  name      = "REGION"
  value     = "eu-central-1"
  is_secret = false
}
