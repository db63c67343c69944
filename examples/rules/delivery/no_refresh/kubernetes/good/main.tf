terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

# Copied every hour, and mounted as a directory, which the kubelet keeps up to date.
resource "kubernetes_manifest" "orders_db" {
  manifest = {
    apiVersion = "external-secrets.io/v1"
    kind       = "ExternalSecret"
    metadata   = { name = "orders-db", namespace = "orders" }
    spec = {
      refreshInterval = "1h"
      secretStoreRef  = { kind = "ClusterSecretStore", name = "vault" }
      target          = { name = "orders-db" }
      data = [{
        secretKey = "password"
        remoteRef = { key = "orders/db", property = "password" }
      }]
    }
  }
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
          image = "orders:1"
          volume_mount {
            name       = "database"
            mount_path = "/run/secrets/database"
            read_only  = true
          }
        }
        volume {
          name = "database"
          secret {
            secret_name = "orders-db"
          }
        }
      }
    }
  }
}
