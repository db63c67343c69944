# Terraform takes the provider's name from the type's first word, and here that is `secrets`: so name the provider.
# `secret_inventory` is the same data source under a name that needs no such line.
data "secrets" "production" {
  provider    = secret
  name_prefix = "prod/"
}

output "never_rotated" {
  value = [for secret in data.secrets.production.secrets : secret.name if secret.rotation_schedule == null]
}
