terraform {
  required_providers {
    aws        = { source = "hashicorp/aws" }
    kubernetes = { source = "hashicorp/kubernetes" }
    secret     = { source = "secretlint/secret" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

provider "secret" {
  local {
    path = ".secrets"
  }
}

# A role by name; nobody without TLS; and the organisation's accounts, which a condition names.
resource "aws_secretsmanager_secret_policy" "orders_db" {
  secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-a1b2c3"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OrdersReads"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::123456789012:role/orders" }
        Action    = "secretsmanager:GetSecretValue"
        Resource  = "*"
      },
      {
        Sid       = "OnlyWithTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "secretsmanager:*"
        Resource  = "*"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "OrganisationReads"
        Effect    = "Allow"
        Principal = "*"
        Action    = "secretsmanager:GetSecretValue"
        Resource  = "*"
        Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
      },
    ]
  })
}

# "Everybody of this account, through Secrets Manager" is how AWS writes its own keys.
resource "aws_kms_key" "orders" {
  description         = "Encrypts the secrets of the orders service"
  enable_key_rotation = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AccountAdministers"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::123456789012:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "ThroughSecretsManager"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = {
          StringEquals = {
            "kms:CallerAccount" = "123456789012"
            "kms:ViaService"    = "secretsmanager.eu-central-1.amazonaws.com"
          }
        }
      },
    ]
  })
}

resource "kubernetes_role_v1" "read_orders_login" {
  metadata {
    name      = "read-orders-login"
    namespace = "orders"
  }
  rule {
    api_groups     = [""]
    resources      = ["secrets"]
    resource_names = ["orders-db"]
    verbs          = ["get"]
  }
}

# One service account instead of a group.
resource "kubernetes_role_binding_v1" "read_orders_login" {
  metadata {
    name      = "read-orders-login"
    namespace = "orders"
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = "read-orders-login"
  }
  subject {
    kind      = "ServiceAccount"
    name      = "orders"
    namespace = "orders"
  }
}

# The provider refuses a wildcard principal by itself: a grant names one recipient.
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

resource "secret_grant" "orders_reads" {
  secret_id = secret.orders_db.id
  principal = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
  access    = ["read"]
}
