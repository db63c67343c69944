terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

# One variable from one member, and variables for all members.
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
          image = "orders:1"
          env {
            name = "DB_PASSWORD"
            value_from {
              secret_key_ref {
                name = "orders-db"
                key  = "password"
              }
            }
          }
          env_from {
            secret_ref {
              name = "orders-api"
            }
          }
        }
      }
    }
  }
}

# The same in a manifest.
resource "kubernetes_manifest" "report" {
  manifest = {
    apiVersion = "v1"
    kind       = "Pod"
    metadata   = { name = "report", namespace = "orders" }
    spec = {
      containers = [{
        name  = "report"
        image = "report:1"
        env   = [{ name = "DB_PASSWORD", valueFrom = { secretKeyRef = { name = "orders-db", key = "password" } } }]
      }]
    }
  }
}
