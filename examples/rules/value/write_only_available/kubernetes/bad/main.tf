terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
    random     = { source = "hashicorp/random" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

resource "random_password" "orders_db" {
  length = 32
}

# What goes through `data` is kept in the state; `data_wo` is not.
resource "kubernetes_secret_v1" "orders_db" {
  metadata {
    name      = "orders-db"
    namespace = "orders"
    labels    = { owner = "team-orders" }
  }
  data = { password = random_password.orders_db.result }
}

# A token that the cluster makes is kept as well; the ephemeral resource of the same name asks for one and forgets it.
resource "kubernetes_token_request_v1" "deployer" {
  metadata {
    name      = "deployer"
    namespace = "orders"
  }
  spec {
    audiences          = ["https://kubernetes.default.svc"]
    expiration_seconds = 3600
  }
}
