terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# The script of a notebook instance is base64, and so is its password.
resource "aws_sagemaker_notebook_instance_lifecycle_configuration" "research" {
  name     = "research"
  on_start = base64encode("#!/bin/sh\nexport DB_PASSWORD=Rz71-harbour\n")
}

# A launch configuration hands its script to every instance of the group.
resource "aws_launch_configuration" "orders" {
  image_id      = "ami-0abcdef1234567890"
  instance_type = "t4g.small"
  user_data     = "#!/bin/sh\nexport DB_PASSWORD=Rz71-harbour\nexec /opt/orders\n"
}

# And a launch template that of its version, encoded.
resource "aws_launch_template" "orders" {
  name          = "orders"
  image_id      = "ami-0abcdef1234567890"
  instance_type = "t4g.small"
  user_data     = base64encode("#!/bin/sh\nexport DB_PASSWORD=Rz71-harbour\nexec /opt/orders\n")
}
