terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

resource "aws_iam_role_policy" "deploy" {
  name = "deploy"
  role = "deploy"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # Only these roles, and only to one service.
        Sid       = "Pass"
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = "arn:aws:iam::123456789012:role/orders-*"
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
      {
        # Roles with a boundary, which they cannot exceed.
        Sid       = "ManageRoles"
        Effect    = "Allow"
        Action    = ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"]
        Resource  = "arn:aws:iam::123456789012:role/*"
        Condition = { StringEquals = { "iam:PermissionsBoundary" = "arn:aws:iam::123456789012:policy/workloads" } }
      },
      {
        Sid      = "Assume"
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = "arn:aws:iam::123456789012:role/orders-migrations"
      },
      {
        # One's own access key, and nobody else's.
        Sid      = "OwnKey"
        Effect   = "Allow"
        Action   = "iam:CreateAccessKey"
        Resource = "arn:aws:iam::123456789012:user/$${aws:username}"
      },
    ]
  })
}
