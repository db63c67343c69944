terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
    helm       = { source = "hashicorp/helm" }
  }
}

# A login of its own each time, by the tool of the platform.
provider "kubernetes" {
  host = "https://cluster.example.com"
  exec {
    api_version = "client.authentication.k8s.io/v1"
    command     = "aws"
    args        = ["eks", "get-token", "--cluster-name", "orders"]
  }
}

provider "helm" {
  kubernetes {
    config_path = "~/.kube/config"
  }
}

resource "kubernetes_service_account_v1" "orders" {
  metadata {
    name      = "orders"
    namespace = "orders"
  }
}

resource "helm_release" "orders" {
  name       = "orders"
  repository = "oci://registry.example.com/charts"
  chart      = "orders"
}
