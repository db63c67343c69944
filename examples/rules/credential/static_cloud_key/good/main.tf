terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# Another account: assume a role there; the credentials end by themselves after an hour.
provider "aws" {
  alias  = "billing"
  region = "eu-central-1"
  assume_role {
    role_arn     = "arn:aws:iam::210987654321:role/deployer"
    session_name = "orders"
  }
}

# A pipeline proves who it is with a short-lived token of its own, for one repository and branch.
resource "aws_iam_role" "deployer" {
  name = "deployer"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = "repo:example/orders:ref:refs/heads/main"
        }
      }
    }]
  })
  tags = { owner = "team-orders" }
}
