terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# What a deployment does, and nothing with secrets but those of its own service.
resource "aws_iam_role_policy" "deploy" {
  name = "deploy"
  role = "deploy"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["ecs:UpdateService", "ecs:RegisterTaskDefinition", "ecs:Describe*"]
        Resource = "*"
      },
      {
        Effect   = "Allow"
        Action   = "secretsmanager:DescribeSecret"
        Resource = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/*"
      },
    ]
  })
}

# A job's policy of AWS that reaches no secret.
resource "aws_iam_role_policy_attachment" "support" {
  role       = "support"
  policy_arn = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
}
