# Everybody who has the code has the default, and most environments never set another.
variable "db_password" {
  type    = string
  default = "correct-horse-7-battery"
}

# A mark hides it in plans, not in the code.
variable "gateway" {
  type      = string
  sensitive = true
  default   = "staple-9-correct-horse"
}

# A member of an object is a default too.
variable "database" {
  type = object({ username = string, password = string })
  default = {
    username = "orders"
    password = "battery-3-correct-horse"
  }
}

output "username" {
  value = var.database.username
}
