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

# Whoever reaches the API server, without a login.
resource "kubernetes_role_binding_v1" "unauthenticated" {
  metadata {
    name      = "unauthenticated"
    namespace = "orders"
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = "orders-db-reader"
  }
  subject {
    kind      = "Group"
    name      = "system:unauthenticated"
    api_group = "rbac.authorization.k8s.io"
  }
}

# The same, by the name that the API server gives to such a caller.
resource "kubernetes_role_binding_v1" "anonymous" {
  metadata {
    name      = "anonymous"
    namespace = "orders"
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = "orders-db-reader"
  }
  subject {
    kind      = "User"
    name      = "system:anonymous"
    api_group = "rbac.authorization.k8s.io"
  }
}
