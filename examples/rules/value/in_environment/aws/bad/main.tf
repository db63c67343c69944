terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# CodeBuild: a variable of type PLAINTEXT, which is also what leaving the type out means.
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
      value = "Rz71-harbour"
    }
  }
}

# Batch: in the description of the container.
resource "aws_batch_job_definition" "orders" {
  name = "orders"
  type = "container"
  container_properties = jsonencode({
    image       = "orders:1"
    environment = [{ name = "DB_PASSWORD", value = "Rz71-harbour" }]
  })
}

# App Runner has secrets of its own beside the variables.
resource "aws_apprunner_service" "orders" {
  service_name = "orders"
  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/example/orders:1"
      image_repository_type = "ECR_PUBLIC"
      image_configuration {
        runtime_environment_variables = { DB_PASSWORD = "Rz71-harbour" }
      }
    }
  }
}

# Amplify builds with its variables, and ships them to the browser.
resource "aws_amplify_app" "shop" {
  name                  = "shop"
  environment_variables = { PAYMENT_API_KEY = "Rz71-harbour" }
}

# Arguments of a Glue job are shown in every run of it.
resource "aws_glue_job" "orders" {
  name     = "orders"
  role_arn = "arn:aws:iam::123456789012:role/etl"
  command { script_location = "s3://orders-etl/orders.py" }
  default_arguments = { "--db_password" = "Rz71-harbour" }
}

# What a state machine passes on is in its definition and in the history of its runs.
resource "aws_sfn_state_machine" "orders" {
  name     = "orders"
  role_arn = "arn:aws:iam::123456789012:role/orders"
  definition = jsonencode({
    StartAt = "Charge"
    States = {
      Charge = {
        Type       = "Task"
        Resource   = "arn:aws:states:::http:invoke"
        Parameters = { Headers = { "x-api-key" = "Rz71-harbour" } }
        End        = true
      }
    }
  })
}

# Stage variables of an API.
resource "aws_api_gateway_stage" "orders" {
  rest_api_id   = "a1b2c3d4e5"
  deployment_id = "f6g7h8"
  stage_name    = "prod"
  variables     = { backend_token = "Rz71-harbour" }
}

# Elastic Beanstalk: a setting of the namespace for the environment.
resource "aws_elastic_beanstalk_environment" "orders" {
  name        = "orders"
  application = "orders"
  setting {
    namespace = "aws:elasticbeanstalk:application:environment"
    name      = "DB_PASSWORD"
    value     = "Rz71-harbour"
  }
}
