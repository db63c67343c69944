terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

# A volume in memory, which follows the Secret.
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
