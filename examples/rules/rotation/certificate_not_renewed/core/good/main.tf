terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

# cert-manager makes the next one in time, and the key never leaves the cluster.
resource "kubernetes_manifest" "orders" {
  manifest = {
    apiVersion = "cert-manager.io/v1"
    kind       = "Certificate"
    metadata   = { name = "orders", namespace = "orders" }
    spec = {
      secretName  = "orders-tls"
      dnsNames    = ["orders.example.com"]
      duration    = "2160h"
      renewBefore = "720h"
      privateKey  = { algorithm = "ECDSA", size = 256, rotationPolicy = "Always" }
      issuerRef   = { kind = "ClusterIssuer", name = "internal" }
    }
  }
}
