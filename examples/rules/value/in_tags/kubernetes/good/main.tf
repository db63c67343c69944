terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

provider "kubernetes" {
  config_path = "~/.kube/config"
}

# An annotation says where the login is kept.
resource "kubernetes_config_map_v1" "orders" {
  metadata {
    name      = "orders"
    namespace = "orders"
    annotations = {
      "example.com/database"       = "postgres://db.internal/orders"
      "example.com/database-login" = "vault:secret/data/orders/db"
    }
  }
  data = { region = "eu-central-1" }
}
