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

# The manifest names what a store keeps, and an operator brings it.
resource "kubernetes_manifest" "orders_db" {
  manifest = {
    apiVersion = "external-secrets.io/v1"
    kind       = "ExternalSecret"
    metadata   = { name = "orders-db", namespace = "orders" }
    spec = {
      refreshInterval = "1h"
      secretStoreRef  = { kind = "ClusterSecretStore", name = "vault" }
      target          = { name = "orders-db" }
      data = [{
        secretKey = "password"
        remoteRef = { key = "orders/db", property = "password" }
      }]
    }
  }
}

# An encrypted Secret may be in the code.
resource "kubernetes_manifest" "orders_api" {
  manifest = yamldecode(<<-YAML
    apiVersion: bitnami.com/v1alpha1
    kind: SealedSecret
    metadata:
      name: orders-api
      namespace: orders
    spec:
      encryptedData:
        token: AgBy3i4OJSWKPiTySYZZA9rO43cGDEqAgBy3i4OJSWK
  YAML
  )
}

# The release uses the Secret of that name.
resource "helm_release" "postgresql" {
  name       = "orders-db"
  repository = "oci://registry.example.com/charts"
  chart      = "postgresql"
  values     = [yamlencode({ auth = { existingSecret = "orders-db", secretKeys = { userPasswordKey = "password" } } })]

  set {
    name  = "auth.username"
    value = "orders"
  }
}
