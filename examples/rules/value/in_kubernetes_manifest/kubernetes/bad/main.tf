terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
    helm       = { source = "hashicorp/helm" }
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

# A Secret in a manifest; base64 under `data` would be the same.
resource "kubernetes_manifest" "orders_db" {
  manifest = {
    apiVersion = "v1"
    kind       = "Secret"
    metadata   = { name = "orders-db", namespace = "orders" }
    stringData = { password = "correct-horse-7-battery" }
  }
}

# The same, read from YAML.
resource "kubernetes_manifest" "orders_api" {
  manifest = yamldecode(<<-YAML
    apiVersion: v1
    kind: Secret
    metadata:
      name: orders-api
      namespace: orders
    stringData:
      token: staple-9-correct-horse
  YAML
  )
}

# The environment of a workload in a manifest.
resource "kubernetes_manifest" "orders" {
  manifest = {
    apiVersion = "v1"
    kind       = "Pod"
    metadata   = { name = "orders", namespace = "orders" }
    spec = {
      containers = [{
        name  = "orders"
        image = "orders:1"
        env   = [{ name = "DB_PASSWORD", value = "correct-horse-7-battery" }]
      }]
    }
  }
}

# Values of a release, one by one and as YAML: Helm keeps both in its own Secrets.
resource "helm_release" "postgresql" {
  name       = "orders-db"
  repository = "oci://registry.example.com/charts"
  chart      = "postgresql"
  values     = [yamlencode({ auth = { username = "orders", replicationPassword = "staple-9-correct-horse" } })]

  set {
    name  = "auth.password"
    value = "correct-horse-7-battery"
  }
}
