terraform {
  required_providers {
    random = { source = "hashicorp/random" }
  }
}

resource "random_password" "orders_db" {
  length = 32
}

# `sensitive` hides it on the terminal. `terraform output -raw`, the state and every remote_state reader still have it.
output "orders_db_password" {
  value     = random_password.orders_db.result
  sensitive = true
}

# Inside a string it is still the value.
output "orders_db_url" {
  value     = "postgres://orders:${random_password.orders_db.result}@db.internal:5432/orders"
  sensitive = true
}

# A literal, in the clear, in every log of every run.
output "smtp_password" {
  value = "relay-Xk29-tulip"
}
