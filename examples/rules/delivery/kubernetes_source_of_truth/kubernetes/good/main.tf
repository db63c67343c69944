terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

# A store keeps the value; the cluster gets a copy that follows it.
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
