terraform {
  required_providers {
    secret = { source = "secretlint/secret" }
  }
}

provider "secret" {
  local {
    path = ".secrets"
  }
}

resource "secret" "orders_db" {
  name        = "prod/orders/db"
  description = "Orders service database login"
  owner       = "team-orders"
  generate    = { kind = "password", length = 32 }
}

resource "secret_rotation" "orders_db" {
  secret_id = secret.orders_db.id
  schedule  = "rate(30 days)"
  strategy  = "regenerate"
}

# Where the secret is and which version is current: enough for whoever may read it, worthless to everybody else.
output "orders_db_secret_id" {
  value = secret.orders_db.id
}

output "orders_db_password_version" {
  value = secret.orders_db.version_id
}

output "orders_db_secret_name" {
  value = "prod/orders/db"
}
