terraform {
  required_providers {
    aws        = { source = "hashicorp/aws" }
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

resource "aws_iam_role_policy" "orders" {
  name = "read-configuration"
  role = "orders"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # The six characters Secrets Manager adds to a name are a wildcard that names one secret.
        Sid    = "OwnSecrets"
        Effect = "Allow"
        Action = "secretsmanager:GetSecretValue"
        Resource = [
          "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-??????",
          "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/smtp-??????",
        ]
      },
      {
        Sid      = "OwnParameters"
        Effect   = "Allow"
        Action   = ["ssm:GetParameter", "ssm:GetParametersByPath"]
        Resource = "arn:aws:ssm:eu-central-1:123456789012:parameter/prod/orders/*"
      },
      {
        # Whatever key it is, it decrypts only what Secrets Manager already handed out.
        Sid       = "KeysOfOwnSecrets"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.eu-central-1.amazonaws.com" } }
      },
      {
        # These two cannot be narrowed to a secret.
        Sid      = "NothingToScope"
        Effect   = "Allow"
        Action   = ["secretsmanager:ListSecrets", "secretsmanager:GetRandomPassword"]
        Resource = "*"
      },
      {
        # Which secrets: those that carry the team's tag.
        Sid       = "SecretsOfTheTeam"
        Effect    = "Allow"
        Action    = "secretsmanager:GetSecretValue"
        Resource  = "*"
        Condition = { StringEquals = { "secretsmanager:ResourceTag/owner" = "team-orders" } }
      },
    ]
  })
}

resource "kubernetes_role_v1" "orders" {
  metadata {
    name      = "orders"
    namespace = "orders"
  }
  rule {
    api_groups     = [""]
    resources      = ["secrets"]
    resource_names = ["orders-db"]
    verbs          = ["get"]
  }
}
