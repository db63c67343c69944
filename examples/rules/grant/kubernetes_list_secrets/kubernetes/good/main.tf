terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

resource "kubernetes_role_v1" "reloader" {
  metadata {
    name      = "reloader"
    namespace = "orders"
  }
  # With names, only these can be listed and watched.
  rule {
    api_groups     = [""]
    resources      = ["secrets"]
    resource_names = ["orders-db"]
    verbs          = ["get", "list", "watch"]
  }
  rule {
    api_groups = [""]
    resources  = ["configmaps"]
    verbs      = ["list"]
  }
}
