terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

resource "aws_iam_role_policy" "orders" {
  name = "decrypt"
  role = "orders"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # One key.
        Sid      = "OwnKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:DescribeKey"]
        Resource = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
      },
      {
        # Any key, but only where Secrets Manager decrypts one of its secrets for this role.
        Sid       = "ThroughSecretsManager"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.eu-central-1.amazonaws.com" } }
      },
    ]
  })
}
