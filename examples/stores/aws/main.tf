# Secrets in AWS Secrets Manager: a webhook's key that Terraform rotates, a database login in the shape that RDS knows, which a Lambda function
# may rotate, and one role that may read exactly these two. docs/guides/aws.md goes through it from an account.
terraform {
  required_providers {
    secret = { source = "secretlint/secret" }
  }
}

# AWS_REGION, AWS_PROFILE and the rest of the usual chain are honoured.
provider "secret" {
  aws {
    endpoint_url = var.endpoint_url
    default_tags = { managed-by = "terraform" }
  }
}

variable "service_role_arn" {
  description = "The role that the orders service runs as, such as arn:aws:iam::123456789012:role/orders."
}

variable "endpoint_url" {
  description = "Address of a double of AWS; AWS itself when left out."
  default     = null
}

variable "kms_key" {
  description = "Customer-managed key of the login, such as alias/orders; the key of AWS when left out."
  default     = null
}

variable "replica_regions" {
  description = "Regions with a copy of the login."
  type        = set(string)
  default     = []
}

variable "rotation_lambda_arn" {
  description = "Function that rotates the login; nobody does when left out."
  default     = null
}

variable "trigger" {
  description = "Any text; another one rotates the webhook's key at the next apply."
  default     = null
}

# Made inside apply, sent to AWS, in no plan and no state.
resource "secret" "webhook" {
  name                 = "prod/orders/webhook"
  description          = "Signs the webhooks that the orders service sends"
  owner                = "team-orders"
  tags                 = { service = "orders" }
  recovery_window_days = 7
  generate             = { kind = "hex", length = 32, field = "key" }
  fields               = { url = "https://partner.example.org/hooks" }
}

# AWS has no rotator for it: the provider rotates, at the first apply after the value is due.
resource "secret_rotation" "webhook" {
  secret_id         = secret.webhook.id
  schedule          = "rate(30 days)"
  keep_previous_for = "48h"
  trigger           = var.trigger
}

# The members are those that RDS and the rotation functions of AWS expect. The function owns the password, Terraform the rest.
resource "secret" "orders_db" {
  name                 = "prod/orders/db"
  description          = "Login of the orders service"
  owner                = "team-orders"
  tags                 = { service = "orders" }
  kms_key              = var.kms_key
  replicas             = [for region in var.replica_regions : { region = region }]
  recovery_window_days = 7
  generate             = { kind = "password", length = 32, field = "password" }
  fields = {
    engine               = "postgres"
    host                 = "orders.db.example.org"
    port                 = "5432"
    dbname               = "orders"
    dbInstanceIdentifier = "orders"
    username             = "orders"
  }
  managed_keys = ["engine", "host", "port", "dbname", "dbInstanceIdentifier", "username"]
}

# AWS rotates, on time, whether Terraform runs or not.
resource "secret_rotation" "orders_db" {
  count               = var.rotation_lambda_arn == null ? 0 : 1
  secret_id           = secret.orders_db.id
  rotation_lambda_arn = var.rotation_lambda_arn
  schedule            = "cron(0 4 ? * SUN *)"
  window              = "3h"
}

# The service reads both, and nothing else.
resource "secret_grant" "webhook" {
  secret_id = secret.webhook.id
  principal = var.service_role_arn
  access    = ["read"]
}

resource "secret_grant" "orders_db" {
  secret_id = secret.orders_db.id
  principal = var.service_role_arn
  access    = ["read"]
  via       = "resource_policy"
}
