terraform {
  required_providers {
    vault  = { source = "hashicorp/vault" }
    random = { source = "hashicorp/random" }
  }
}

ephemeral "random_password" "relay" {
  length = 32
}

# A `terraform destroy` deletes every version for good.
resource "vault_kv_secret_v2" "relay" {
  mount                = "secret"
  name                 = "orders/relay"
  data_json_wo         = jsonencode({ password = ephemeral.random_password.relay.result })
  data_json_wo_version = 1
  delete_all_versions  = true
  custom_metadata {
    data = { owner = "team-orders" }
  }
}
