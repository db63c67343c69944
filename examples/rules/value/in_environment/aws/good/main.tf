terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# CodeBuild reads the secret itself, when the build starts.
resource "aws_codebuild_project" "orders" {
  name         = "orders"
  service_role = "arn:aws:iam::123456789012:role/build"
  artifacts { type = "NO_ARTIFACTS" }
  source {
    type     = "GITHUB"
    location = "https://github.com/example/orders.git"
  }
  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
    type         = "LINUX_CONTAINER"
    environment_variable {
      name  = "REGISTRY_PASSWORD"
      type  = "SECRETS_MANAGER"
      value = "prod/registry:password"
    }
  }
}

# The job knows the name and reads the secret with its own role; so do the service and the ETL job.
resource "aws_batch_job_definition" "orders" {
  name = "orders"
  type = "container"
  container_properties = jsonencode({
    image       = "orders:1"
    jobRoleArn  = "arn:aws:iam::123456789012:role/orders"
    environment = [{ name = "DB_SECRET_NAME", value = "prod/orders/db" }]
  })
}

resource "aws_apprunner_service" "orders" {
  service_name = "orders"
  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/example/orders:1"
      image_repository_type = "ECR_PUBLIC"
      image_configuration {
        runtime_environment_variables = { DB_SECRET_NAME = "prod/orders/db" }
      }
    }
  }
  instance_configuration {
    instance_role_arn = "arn:aws:iam::123456789012:role/orders"
  }
}

# The browser gets nothing that is secret.
resource "aws_amplify_app" "shop" {
  name                  = "shop"
  environment_variables = { PAYMENT_URL = "https://pay.example.com" }
}

resource "aws_glue_job" "orders" {
  name     = "orders"
  role_arn = "arn:aws:iam::123456789012:role/etl"
  command { script_location = "s3://orders-etl/orders.py" }
  default_arguments = { "--db_secret_name" = "prod/orders/db" }
}

# A connection of EventBridge keeps the key and adds it to the request.
resource "aws_sfn_state_machine" "orders" {
  name     = "orders"
  role_arn = "arn:aws:iam::123456789012:role/orders"
  definition = jsonencode({
    StartAt = "Charge"
    States = {
      Charge = {
        Type     = "Task"
        Resource = "arn:aws:states:::http:invoke"
        Parameters = {
          Authentication = { ConnectionArn = "arn:aws:events:eu-central-1:123456789012:connection/pay/a1b2c3" }
        }
        End = true
      }
    }
  })
}

resource "aws_api_gateway_stage" "orders" {
  rest_api_id   = "a1b2c3d4e5"
  deployment_id = "f6g7h8"
  stage_name    = "prod"
  variables     = { backend = "orders.internal" }
}

resource "aws_elastic_beanstalk_environment" "orders" {
  name        = "orders"
  application = "orders"
  setting {
    namespace = "aws:elasticbeanstalk:application:environment"
    name      = "DB_SECRET_NAME"
    value     = "prod/orders/db"
  }
}
