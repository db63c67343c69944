terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

# Listing shows the values, of every namespace.
resource "kubernetes_cluster_role_v1" "inventory" {
  metadata {
    name = "inventory"
  }
  rule {
    api_groups = [""]
    resources  = ["secrets", "configmaps"]
    verbs      = ["list"]
  }
}

# And so does watching, here of one namespace.
resource "kubernetes_manifest" "reloader" {
  manifest = {
    apiVersion = "rbac.authorization.k8s.io/v1"
    kind       = "Role"
    metadata   = { name = "reloader", namespace = "orders" }
    rules      = [{ apiGroups = [""], resources = ["secrets"], verbs = ["watch"] }]
  }
}
