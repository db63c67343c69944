# The inventory: whose secrets are there, how old are they, which one nobody rotates.
data "secret_inventory" "production" {
  name_prefix = "prod/"
}

output "without_owner" {
  value = [for secret in data.secret_inventory.production.secrets : secret.name if secret.owner == null]
}
