terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
    helm       = { source = "hashicorp/helm" }
    random     = { source = "hashicorp/random" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

provider "helm" {
  kubernetes {
    config_path = "~/.kube/config"
  }
}

# The value goes to the cluster and into no state; the release is told the Secret's name.
ephemeral "random_password" "orders_db" {
  length = 32
}

resource "kubernetes_secret_v1" "orders_db" {
  metadata {
    name      = "orders-db"
    namespace = "orders"
    labels    = { owner = "team-orders" }
  }
  data_wo          = { password = ephemeral.random_password.orders_db.result }
  data_wo_revision = 1
}

resource "helm_release" "orders" {
  name       = "orders"
  repository = "oci://registry.example.com/charts"
  chart      = "orders"

  set {
    name  = "database.existingSecret"
    value = "orders-db"
  }
}
