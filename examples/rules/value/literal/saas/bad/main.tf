terraform {
  required_providers {
    datadog   = { source = "datadog/datadog" }
    grafana   = { source = "grafana/grafana" }
    pagerduty = { source = "pagerduty/pagerduty" }
  }
}

# The password of an application of Entra ID.
resource "datadog_integration_azure" "example" {
  tenant_name   = "11111111-2222-3333-4444-555555555555"
  client_id     = "66666666-7777-8888-9999-000000000000"
  client_secret = "Rz71-harbour-lantern"
}

# A data source with a password of its own.
resource "grafana_data_source" "metrics" {
  name                     = "metrics"
  type                     = "prometheus"
  url                      = "https://metrics.example.com"
  secure_json_data_encoded = jsonencode({ basicAuthPassword = "Qx99-anchor-meadow" })
}

# A login at another service.
resource "pagerduty_extension_servicenow" "incidents" {
  extension_schema  = "PJFWPEP"
  extension_objects = ["PXPGF42"]
  snow_user         = "pagerduty"
  snow_password     = "Tr55-copper-valley"
  sync_options      = "manual_sync"
  target            = "https://example.service-now.com/webhook"
  task_type         = "incident"
  referer           = "None"
}
