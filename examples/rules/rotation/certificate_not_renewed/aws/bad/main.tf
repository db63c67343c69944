terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# ACM renews none that somebody brings to it.
resource "aws_acm_certificate" "orders" {
  certificate_body = join("\n", ["-----BEGIN CERTIFICATE-----", "bWFkZSB1cA==", "-----END CERTIFICATE-----"])
  private_key      = join("\n", ["-----BEGIN PRIVATE KEY-----", "bWFkZSB1cA==", "-----END PRIVATE KEY-----"])
  tags             = { owner = "team-orders" }
}

# Nor does IAM.
resource "aws_iam_server_certificate" "orders" {
  name             = "orders"
  certificate_body = join("\n", ["-----BEGIN CERTIFICATE-----", "bWFkZSB1cA==", "-----END CERTIFICATE-----"])
  private_key      = join("\n", ["-----BEGIN PRIVATE KEY-----", "bWFkZSB1cA==", "-----END PRIVATE KEY-----"])
  tags             = { owner = "team-orders" }
}

# Issued to a request of one's own for three years, and by nothing again.
resource "aws_acmpca_certificate" "orders" {
  certificate_authority_arn   = "arn:aws:acm-pca:eu-central-1:123456789012:certificate-authority/11111111-2222-3333-4444-555555555555"
  certificate_signing_request = join("\n", ["-----BEGIN CERTIFICATE REQUEST-----", "bWFkZSB1cA==", "-----END CERTIFICATE REQUEST-----"])
  signing_algorithm           = "SHA256WITHRSA"
  validity {
    type  = "YEARS"
    value = 3
  }
}
