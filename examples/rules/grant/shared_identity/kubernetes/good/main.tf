terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

# The workload that needs it has a service account of its own.
resource "kubernetes_service_account_v1" "orders" {
  metadata {
    name      = "orders"
    namespace = "orders"
  }
}

resource "kubernetes_role_v1" "orders_db" {
  metadata {
    name      = "orders-db-reader"
    namespace = "orders"
  }
  rule {
    api_groups     = [""]
    resources      = ["secrets"]
    resource_names = ["orders-db"]
    verbs          = ["get"]
  }
}

resource "kubernetes_role_binding_v1" "orders_db" {
  metadata {
    name      = "orders-db"
    namespace = "orders"
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = "orders-db-reader"
  }
  subject {
    kind      = "ServiceAccount"
    name      = "orders"
    namespace = "orders"
  }
}
