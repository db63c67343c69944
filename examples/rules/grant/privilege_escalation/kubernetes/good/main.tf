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
  # May bind one role, which is known.
  rule {
    api_groups     = ["rbac.authorization.k8s.io"]
    resources      = ["clusterroles"]
    resource_names = ["view"]
    verbs          = ["bind"]
  }
  # May have a token of one service account.
  rule {
    api_groups     = [""]
    resources      = ["serviceaccounts/token"]
    resource_names = ["orders"]
    verbs          = ["create"]
  }
}

# `view` sees no Secrets and is nobody else.
resource "kubernetes_cluster_role_binding_v1" "developers" {
  metadata {
    name = "developers"
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "view"
  }
  subject {
    kind      = "Group"
    name      = "developers"
    api_group = "rbac.authorization.k8s.io"
  }
}
