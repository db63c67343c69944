terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# Keys in the configuration: whoever reads the repository, the plan or the CI log can use them until somebody notices.
provider "aws" {
  alias      = "billing"
  region     = "eu-central-1"
  access_key = "AKIAIOSFODNN7EXAMPLE"
  secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
}

# A key that never ends, and whose secret half stays in the state.
resource "aws_iam_user" "deployer" {
  name = "deployer"
  tags = { owner = "team-orders" }
}

resource "aws_iam_access_key" "deployer" {
  user = aws_iam_user.deployer.name
}
