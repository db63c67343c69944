terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

resource "kubernetes_cluster_role_v1" "operator" {
  metadata {
    name = "operator"
  }
  # May bind any role, cluster-admin too, and write more into a role than it has.
  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["clusterroles"]
    verbs      = ["bind", "escalate"]
  }
  # May be anybody.
  rule {
    api_groups = [""]
    resources  = ["users", "groups"]
    verbs      = ["impersonate"]
  }
  # May have a token of any service account.
  rule {
    api_groups = [""]
    resources  = ["serviceaccounts/token"]
    verbs      = ["create"]
  }
  # May hand on what it has in every namespace.
  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["rolebindings"]
    verbs      = ["create", "update"]
  }
}

# `edit` lets its holder be every service account of where it is bound: here of the whole cluster.
resource "kubernetes_cluster_role_binding_v1" "developers" {
  metadata {
    name = "developers"
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "edit"
  }
  subject {
    kind      = "Group"
    name      = "developers"
    api_group = "rbac.authorization.k8s.io"
  }
}
