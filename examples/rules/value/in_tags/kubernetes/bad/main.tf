terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

# Whoever may list namespaces, deployments or config maps reads their annotations.
resource "kubernetes_config_map_v1" "orders" {
  metadata {
    name        = "orders"
    namespace   = "orders"
    annotations = { "example.com/database" = "postgres://orders:correct-horse-7-battery@db.internal/orders" }
  }
  data = { region = "eu-central-1" }
}
