terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# A plan that sets the server up, and nothing that writes down who reads what.
resource "vault_quota_rate_limit" "global" {
  name = "global"
  rate = 1000
}

# A device that writes nowhere.
resource "vault_audit" "nowhere" {
  type    = "file"
  options = { file_path = "/dev/null" }
}
