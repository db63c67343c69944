terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
    random     = { source = "hashicorp/random" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

# Long, from a large alphabet, and kept nowhere but in the cluster.
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

# A suffix may be short and shown.
resource "random_id" "orders" {
  byte_length = 4
}

resource "kubernetes_config_map_v1" "orders" {
  metadata {
    name      = "orders-${random_id.orders.hex}"
    namespace = "orders"
  }
  data = { region = "eu-central-1" }
}
