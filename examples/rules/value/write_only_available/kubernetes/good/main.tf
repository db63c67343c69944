terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
    random     = { source = "hashicorp/random" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

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
