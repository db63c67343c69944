terraform {
  required_providers {
    aws        = { source = "hashicorp/aws" }
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

# The function gets the secret's name and reads the value itself, with its own role.
resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = "arn:aws:iam::123456789012:role/orders"
  runtime       = "python3.13"
  handler       = "orders.handle"
  filename      = "orders.zip"
  environment {
    variables = {
      LOG_LEVEL              = "info"
      DB_HOST                = "db.internal"
      DB_SECRET_ARN          = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-a1b2c3"
      SMTP_PASSWORD_SSM_PATH = "/prod/orders/smtp/password"
    }
  }
}

# `secrets`: ECS fetches the value when the container starts.
resource "aws_ecs_task_definition" "orders" {
  family             = "orders"
  execution_role_arn = "arn:aws:iam::123456789012:role/orders-execution"
  container_definitions = jsonencode([{
    name        = "orders"
    image       = "registry.example.com/orders:1.4.2"
    essential   = true
    environment = [{ name = "LOG_LEVEL", value = "info" }]
    secrets = [
      {
        name      = "DB_PASSWORD"
        valueFrom = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-a1b2c3:password::"
      },
    ]
  }])
}

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
            name  = "SMTP_PASSWORD_FILE"
            value = "/run/secrets/smtp/password"
          }
          volume_mount {
            name       = "smtp"
            mount_path = "/run/secrets/smtp"
            read_only  = true
          }
        }
        volume {
          name = "smtp"
          secret {
            secret_name = "smtp"
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
    LOG_LEVEL      = "info"
    API_TOKEN_FILE = "/var/run/secrets/orders/token"
  }
}
