terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# Whoever may list instances, buckets or secrets reads their tags.
resource "aws_instance" "orders" {
  ami           = "ami-0abcdef1234567890"
  instance_type = "t4g.small"
  tags = {
    Name     = "orders"
    Upstream = "postgres://orders:Rz71-harbour@db.internal:5432/orders"
  }
}

# The tags that a group gives to its instances are tags too.
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
    value               = "postgres://orders:Rz71-harbour@db.internal:5432/orders"
    propagate_at_launch = true
  }
}

# And a description is as open as a tag.
resource "aws_kms_key" "orders" {
  description         = "Encrypts what postgres://orders:Rz71-harbour@db.internal:5432/orders holds"
  enable_key_rotation = true
}
