# The same secret, declared as it should be: generated inside apply, owned, rotated, and readable by exactly one identity.

terraform {
  required_providers {
    secret = { source = "secretlint/secret" }
  }
}

provider "secret" {
  local {
    path = "store"
  }
}

variable "reporting_recipient" {
  description = "age recipient (age1…) of the reporting service."
  type        = string
}

variable "rotate_every" {
  description = "How often the password changes."
  type        = string
  default     = "30d"
}

resource "secret" "orders_db" {
  name                 = "prod/orders/db"
  description          = "Orders service database login"
  owner                = "team-orders"
  recovery_window_days = 7

  # Made inside apply and sent straight to the store: never in the plan, never in the state.
  generate = { kind = "password", length = 32, field = "password" }
  fields   = { username = "orders", host = "db.internal", port = "5432" }
}

resource "secret" "payments_api" {
  name                 = "prod/payments/api"
  description          = "API key of the payment gateway"
  owner                = "team-payments"
  recovery_window_days = 7

  generate = { kind = "hex", length = 32 }
}

resource "secret_rotation" "orders_db" {
  secret_id         = secret.orders_db.id
  schedule          = var.rotate_every
  keep_previous_for = "24h"
}

resource "secret_rotation" "payments_api" {
  secret_id = secret.payments_api.id
  schedule  = "90d"
}

resource "secret_grant" "reporting_reads_orders_db" {
  secret_id = secret.orders_db.id
  principal = var.reporting_recipient
  access    = ["read"]
  reason    = "nightly revenue report"
}

output "orders_db_version" {
  description = "Changes with every rotation; safe to show, and to use as another resource's value_wo_version."
  value       = secret_rotation.orders_db.version_id
}
