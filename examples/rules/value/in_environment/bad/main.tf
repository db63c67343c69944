terraform {
  required_providers {
    aws        = { source = "hashicorp/aws" }
    kubernetes = { source = "hashicorp/kubernetes" }
    random     = { source = "hashicorp/random" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

# Written into the function's configuration, where everybody who may describe the function reads it.
resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = "arn:aws:iam::123456789012:role/orders"
  runtime       = "python3.13"
  handler       = "orders.handle"
  filename      = "orders.zip"
  environment {
    variables = {
      LOG_LEVEL   = "info"
      DB_HOST     = "db.internal"
      DB_PASSWORD = "orders-Rz71-harbour"
    }
  }
}

# A generated value is no better: it arrives in the same place.
resource "random_password" "reports" {
  length = 32
}

resource "aws_lambda_function" "reports" {
  function_name = "reports"
  role          = "arn:aws:iam::123456789012:role/reports"
  runtime       = "python3.13"
  handler       = "reports.handle"
  filename      = "reports.zip"
  environment {
    variables = {
      DB_PASSWORD = random_password.reports.result
    }
  }
}

# `environment` of a container, as opposed to its `secrets`.
resource "aws_ecs_task_definition" "orders" {
  family = "orders"
  container_definitions = jsonencode([{
    name      = "orders"
    image     = "registry.example.com/orders:1.4.2"
    essential = true
    environment = [
      { name = "LOG_LEVEL", value = "info" },
      { name = "DATABASE_URL", value = "postgres://orders:Rz71-harbour@db.internal:5432/orders" },
    ]
  }])
}

# A pod's `value`, and a ConfigMap, which Kubernetes neither encrypts nor guards.
resource "kubernetes_deployment_v1" "orders" {
  metadata {
    name      = "orders"
    namespace = "orders"
  }
  spec {
    selector {
      match_labels = { app = "orders" }
    }
    template {
      metadata {
        labels = { app = "orders" }
      }
      spec {
        container {
          name  = "orders"
          image = "registry.example.com/orders:1.4.2"
          env {
            name  = "SMTP_PASSWORD"
            value = "relay-Xk29-tulip"
          }
        }
      }
    }
  }
}

resource "kubernetes_config_map_v1" "orders" {
  metadata {
    name      = "orders"
    namespace = "orders"
  }
  data = {
    LOG_LEVEL = "info"
    API_TOKEN = "tok-Ba64-juniper-9931"
  }
}
