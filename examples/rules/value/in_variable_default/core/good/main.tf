# No default that opens anything: whoever applies hands the value over, and it is kept nowhere.
variable "db_password" {
  type      = string
  sensitive = true
  ephemeral = true
  default   = null
}

# A default may say where the secret is.
variable "db_password_path" {
  type    = string
  default = "prod/orders/db"
}

output "db_password_path" {
  value = var.db_password_path
}
