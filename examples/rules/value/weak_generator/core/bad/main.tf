terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
    random     = { source = "hashicorp/random" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

# Eight letters and digits are guessed in hours.
resource "random_password" "orders_db" {
  length  = 8
  special = false
}

# What `random_string` and `random_id` make is printed in every plan.
resource "random_string" "orders_api" {
  length = 32
}

resource "random_id" "orders_session" {
  byte_length = 32
}

resource "kubernetes_secret_v1" "orders_db" {
  metadata {
    name      = "orders-db"
    namespace = "orders"
    labels    = { owner = "team-orders" }
  }
  data_wo          = { password = random_password.orders_db.result }
  data_wo_revision = 1
}

resource "kubernetes_secret_v1" "orders" {
  metadata {
    name      = "orders"
    namespace = "orders"
    labels    = { owner = "team-orders" }
  }
  data_wo          = { token = random_string.orders_api.result, session_key = random_id.orders_session.hex }
  data_wo_revision = 1
}
