terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

# Copied once and never again.
resource "kubernetes_manifest" "orders_db" {
  manifest = {
    apiVersion = "external-secrets.io/v1"
    kind       = "ExternalSecret"
    metadata   = { name = "orders-db", namespace = "orders" }
    spec = {
      refreshInterval = "0"
      secretStoreRef  = { kind = "ClusterSecretStore", name = "vault" }
      target          = { name = "orders-db" }
      dataFrom        = [{ extract = { key = "orders/db" } }]
    }
  }
}

# The same by its policy, read from YAML.
resource "kubernetes_manifest" "orders_api" {
  manifest = yamldecode(<<-YAML
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: orders-api
      namespace: orders
    spec:
      refreshPolicy: CreatedOnce
      secretStoreRef:
        kind: ClusterSecretStore
        name: vault
      dataFrom:
        - extract:
            key: orders/api
  YAML
  )
}

# A single file that is mounted by `sub_path` stays as it was when the pod started.
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
            mount_path = "/etc/orders/password"
            sub_path   = "password"
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
