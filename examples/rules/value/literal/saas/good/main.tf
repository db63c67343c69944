terraform {
  required_providers {
    datadog = { source = "datadog/datadog" }
    grafana = { source = "grafana/grafana" }
  }
}

# What is no secret may be written down.
resource "datadog_webhook_custom_variable" "region" {
  name      = "REGION"
  value     = "eu-central-1"
  is_secret = false
}

# Grafana reads with the role of its own machine: there is no password.
resource "grafana_data_source" "metrics" {
  name              = "metrics"
  type              = "cloudwatch"
  json_data_encoded = jsonencode({ authType = "ec2_iam_role", defaultRegion = "eu-central-1" })
}
