terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
    helm       = { source = "hashicorp/helm" }
  }
}

# Credentials of a provider open a whole platform.
provider "kubernetes" {
  host  = "https://cluster.example.com"
  token = "staple-9-correct-horse"
}

# In a nested block too.
provider "helm" {
  kubernetes {
    host  = "https://cluster.example.com"
    token = "staple-9-correct-horse"
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
