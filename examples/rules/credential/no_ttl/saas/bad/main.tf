terraform {
  required_providers {
    gitlab  = { source = "gitlabhq/gitlab" }
    grafana = { source = "grafana/grafana" }
  }
}

# No end at all.
resource "gitlab_deploy_token" "registry" {
  project = "example/orders"
  name    = "registry"
  scopes  = ["read_registry"]
}

# An end that is years away.
resource "gitlab_project_access_token" "deploy" {
  project      = "example/orders"
  name         = "deploy"
  access_level = "maintainer"
  scopes       = ["api"]
  expires_at   = "2031-01-01"
}

# Without `seconds_to_live` it never ends.
resource "grafana_service_account_token" "dashboards" {
  name               = "dashboards"
  service_account_id = "12"
}
