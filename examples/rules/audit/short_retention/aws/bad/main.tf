terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# The trail is gone from its bucket before anybody notices that a secret leaked.
resource "aws_s3_bucket" "audit" {
  bucket = "example-audit"
}

resource "aws_s3_bucket_lifecycle_configuration" "audit" {
  bucket = aws_s3_bucket.audit.id
  rule {
    id     = "expire"
    status = "Enabled"
    filter {
      prefix = ""
    }
    expiration {
      days = 30
    }
  }
}

resource "aws_cloudtrail" "account" {
  name                       = "account"
  s3_bucket_name             = aws_s3_bucket.audit.id
  is_multi_region_trail      = true
  enable_log_file_validation = true
  kms_key_id                 = "alias/audit"
}

# A store of events in CloudTrail Lake.
resource "aws_cloudtrail_event_data_store" "account" {
  name             = "account"
  retention_period = 7
}

# The audit log of a cluster, in its log group.
resource "aws_eks_cluster" "orders" {
  name                      = "orders"
  role_arn                  = "arn:aws:iam::123456789012:role/cluster"
  enabled_cluster_log_types = ["api", "audit", "authenticator"]
  encryption_config {
    resources = ["secrets"]
    provider {
      key_arn = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    }
  }
  vpc_config {
    subnet_ids = ["subnet-0a1b2c3d", "subnet-4e5f6a7b"]
  }
  tags = { owner = "team-platform" }
}

resource "aws_cloudwatch_log_group" "orders" {
  name              = "/aws/eks/orders/cluster"
  retention_in_days = 30
}
