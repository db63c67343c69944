terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# Everything on everything, written out.
resource "aws_iam_role_policy" "deploy" {
  name = "deploy"
  role = "deploy"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "*"
      Resource = "*"
    }]
  })
}

# The same by the name AWS gives it.
resource "aws_iam_role_policy_attachment" "support" {
  role       = "support"
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

# A second factor does not make it less.
resource "aws_iam_policy" "operators" {
  name = "operators"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "*:*"
      Resource  = "*"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
    }]
  })
}
