terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
    random     = { source = "hashicorp/random" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

# The value is in the code, and the cluster has the only copy that is used.
resource "kubernetes_secret_v1" "orders_api" {
  metadata {
    name      = "orders-api"
    namespace = "orders"
    labels    = { owner = "team-orders" }
  }
  data = { token = "staple-9-correct-horse" }
}

# Made here, for nobody but this Secret.
resource "random_password" "orders_db" {
  length = 32
}

resource "kubernetes_secret_v1" "orders_db" {
  metadata {
    name      = "orders-db"
    namespace = "orders"
    labels    = { owner = "team-orders" }
  }
  data = { password = random_password.orders_db.result }
}
