terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# The script asks Secrets Manager with the role of the instance.
locals {
  ask = "aws secretsmanager get-secret-value --secret-id prod/orders/db --query SecretString --output text"
}

resource "aws_sagemaker_notebook_instance_lifecycle_configuration" "research" {
  name     = "research"
  on_start = base64encode("#!/bin/sh\nexport DB_PASSWORD=$(${local.ask})\n")
}

resource "aws_launch_template" "orders" {
  name          = "orders"
  image_id      = "ami-0abcdef1234567890"
  instance_type = "t4g.small"
  user_data     = base64encode("#!/bin/sh\nexport DB_PASSWORD=$(${local.ask})\nexec /opt/orders\n")
}

resource "aws_launch_configuration" "orders" {
  image_id             = "ami-0abcdef1234567890"
  instance_type        = "t4g.small"
  iam_instance_profile = "orders"
  user_data            = "#!/bin/sh\nexec /opt/orders --secret-name prod/orders/db\n"
}
