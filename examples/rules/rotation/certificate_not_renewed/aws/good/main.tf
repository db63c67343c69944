terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# ACM proves by a DNS record that the name is still yours, and renews without anybody.
resource "aws_acm_certificate" "orders" {
  domain_name       = "orders.example.com"
  validation_method = "DNS"
  tags              = { owner = "team-orders" }
}

# Asked for through ACM, a certificate of a private CA is renewed too.
resource "aws_acm_certificate" "internal" {
  domain_name               = "orders.internal.example.com"
  certificate_authority_arn = "arn:aws:acm-pca:eu-central-1:123456789012:certificate-authority/11111111-2222-3333-4444-555555555555"
  tags                      = { owner = "team-orders" }
}
