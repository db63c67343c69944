# terraform query: what is in the store and in no configuration. Add -generate-config-out=found.tf to import it.
list "secret" "production" {
  provider = secret

  config {
    name_prefix = "prod/"
  }
}
