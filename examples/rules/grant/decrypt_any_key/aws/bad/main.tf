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
        # Every key that lets the account's policies decide.
        Sid      = "Keys"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:DescribeKey"]
        Resource = "*"
      },
      {
        # Long, and every key all the same.
        Sid      = "KeysOfTheRegion"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = "arn:aws:kms:eu-central-1:123456789012:key/*"
      },
    ]
  })
}
