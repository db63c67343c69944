terraform {
  required_providers {
    datadog = { source = "datadog/datadog" }
    github  = { source = "integrations/github" }
    gitlab  = { source = "gitlabhq/gitlab" }
  }
}

provider "github" {
  owner = "example"
  token = "Rz71harbourQx99lanternTr55"
}

provider "gitlab" {
  token = "Lm42silverKd83orchardVw61"
}

provider "datadog" {
  api_key = "5f2d8c1b7a904e63b1c2d3e4f5a60718"
  app_key = "9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a291807"
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
