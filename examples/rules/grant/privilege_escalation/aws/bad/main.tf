terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# Passes any role to anything it starts, and takes on what that role may do.
resource "aws_iam_role_policy" "deploy" {
  name = "deploy"
  role = "deploy"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Pass"
        Effect   = "Allow"
        Action   = ["ecs:RunTask", "iam:PassRole"]
        Resource = "*"
      },
      {
        # Writes a policy for itself.
        Sid      = "ManageRoles"
        Effect   = "Allow"
        Action   = ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"]
        Resource = "arn:aws:iam::123456789012:role/*"
      },
      {
        # Takes on whatever role trusts the account.
        Sid      = "Assume"
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = "*"
      },
      {
        # Opens any secret by its own policy.
        Sid      = "ShareSecrets"
        Effect   = "Allow"
        Action   = "secretsmanager:PutResourcePolicy"
        Resource = "arn:aws:secretsmanager:*:123456789012:secret:*"
      },
    ]
  })
}
