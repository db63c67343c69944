terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

# Every Pod of the cluster.
resource "vault_kubernetes_auth_backend_role" "orders" {
  role_name                        = "orders"
  bound_service_account_names      = ["*"]
  bound_service_account_namespaces = ["*"]
  token_policies                   = ["orders"]
  token_max_ttl                    = 3600
}

# The name of the role is enough.
resource "vault_approle_auth_backend_role" "reports" {
  role_name      = "reports"
  bind_secret_id = false
  token_policies = ["reports"]
  token_max_ttl  = 3600
}

# Every certificate that this authority has signed.
resource "vault_cert_auth_backend_role" "clients" {
  name           = "clients"
  token_policies = ["orders"]
  token_max_ttl  = 3600
  certificate    = <<-EOT
    -----BEGIN CERTIFICATE-----
    MIIBjzCCATWgAwIBAgIUVevocN179Laz8ZA9NkK5MNVJk9MwCgYIKoZIzj0EAwIw
    HTEbMBkGA1UEAwwSRXhhbXBsZSBDbGllbnRzIENBMB4XDTI2MTEyMjA5MDUyMVoX
    DTM2MTExOTA5MDUyMVowHTEbMBkGA1UEAwwSRXhhbXBsZSBDbGllbnRzIENBMFkw
    EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAESsnWeBZXsSuCVzkgr/4F09Yz6z3x+H7/
    SfobdfH/DJpMNQP/9jwbU6Y4HwoJiZ4QhbgmyTZSC1JhIHZQ+v9vbaNTMFEwHQYD
    VR0OBBYEFPmEuwW0HhnmLLRJYiZHz8DtMlv0MB8GA1UdIwQYMBaAFPmEuwW0Hhnm
    LLRJYiZHz8DtMlv0MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIh
    AKfZVsFbfQ584hNtR9qClxMlJNIJAIbOS9IxfcnLm7BiAiAS11MYBw+oyYOi92yS
    P/oKjtNY3QnA1b6hbFv63oMSYQ==
    -----END CERTIFICATE-----
  EOT
}
