terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# A tag says where the secret is, and the instance reads it with its own role.
resource "aws_instance" "orders" {
  ami                  = "ami-0abcdef1234567890"
  instance_type        = "t4g.small"
  iam_instance_profile = "orders"
  tags = {
    Name           = "orders"
    UpstreamSecret = "prod/orders/db"
  }
}

resource "aws_autoscaling_group" "orders" {
  min_size            = 1
  max_size            = 3
  vpc_zone_identifier = ["subnet-0a1b2c3d"]
  launch_template {
    name    = "orders"
    version = "3"
  }
  tag {
    key                 = "Upstream"
    value               = "postgres://db.internal:5432/orders"
    propagate_at_launch = true
  }
}

resource "aws_kms_key" "orders" {
  description         = "Encrypts the database of the orders service"
  enable_key_rotation = true
}
