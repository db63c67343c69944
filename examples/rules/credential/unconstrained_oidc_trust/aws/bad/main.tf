terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# The audience alone: every workflow on GitHub can ask for it.
resource "aws_iam_role" "anybody" {
  name = "deploy-anybody"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
      Condition = { StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" } }
    }]
  })
}

# A wildcard for the owner, one for every repository of the owner, and pull requests.
resource "aws_iam_role" "deploy" {
  for_each = toset(["repo:example*", "repo:example/*", "repo:example/orders:pull_request"])
  name     = "deploy-${md5(each.key)}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike   = { "token.actions.githubusercontent.com:sub" = each.key }
      }
    }]
  })
}

# A condition that also holds for tokens without the claim.
resource "aws_iam_role" "gitlab" {
  name = "deploy-gitlab"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/gitlab.com" }
      Condition = { StringLikeIfExists = { "gitlab.com:sub" = "project_path:example/orders:*" } }
    }]
  })
}
