terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# The function that AWS publishes for one user: its password changes while the service is using it.
resource "aws_serverlessapplicationrepository_cloudformation_stack" "rotate" {
  name           = "rotate-postgres"
  application_id = "arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerRDSPostgreSQLRotationSingleUser"
  capabilities   = ["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"]
  parameters = {
    endpoint     = "https://secretsmanager.eu-central-1.amazonaws.com"
    functionName = "rotate-postgres"
  }
}

resource "aws_secretsmanager_secret_rotation" "orders_db" {
  secret_id           = "prod/orders/db"
  rotation_lambda_arn = aws_serverlessapplicationrepository_cloudformation_stack.rotate.outputs["RotationLambdaARN"]
  rotation_rules {
    automatically_after_days = 30
  }
}
