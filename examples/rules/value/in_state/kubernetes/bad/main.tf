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

resource "random_password" "orders_db" {
  length = 32
}

# Members of a Secret that somebody else made: this resource has no write-only argument.
resource "kubernetes_secret_v1_data" "orders_db" {
  metadata {
    name      = "orders-db"
    namespace = "orders"
  }
  data = { password = random_password.orders_db.result }
}

# A sensitive value of a release is hidden in plans, and kept in the state.
resource "helm_release" "orders" {
  name                = "orders"
  repository          = "oci://registry.example.com/charts"
  repository_username = "orders"
  repository_password = random_password.orders_db.result
  chart               = "orders"

  set_sensitive {
    name  = "database.password"
    value = random_password.orders_db.result
  }
}
