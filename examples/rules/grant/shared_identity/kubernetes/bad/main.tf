terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
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

# What every pod of the namespace runs as that names no service account.
resource "kubernetes_role_binding_v1" "default" {
  metadata {
    name      = "default"
    namespace = "orders"
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = "orders-db-reader"
  }
  subject {
    kind      = "ServiceAccount"
    name      = "default"
    namespace = "orders"
  }
}

# Every service account of the namespace.
resource "kubernetes_role_binding_v1" "every_workload" {
  metadata {
    name      = "every-workload"
    namespace = "orders"
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = "orders-db-reader"
  }
  subject {
    kind      = "Group"
    name      = "system:serviceaccounts:orders"
    api_group = "rbac.authorization.k8s.io"
  }
}
