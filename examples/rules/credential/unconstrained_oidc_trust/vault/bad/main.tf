terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}

resource "vault_jwt_auth_backend" "github" {
  path               = "github"
  oidc_discovery_url = "https://token.actions.githubusercontent.com"
  bound_issuer       = "https://token.actions.githubusercontent.com"
}

# Every workflow of everybody on GitHub: an audience is chosen by the one who asks.
resource "vault_jwt_auth_backend_role" "deploy" {
  backend         = vault_jwt_auth_backend.github.path
  role_name       = "deploy"
  role_type       = "jwt"
  user_claim      = "repository"
  bound_audiences = ["https://vault.example.com"]
  token_policies  = ["deploy"]
  token_max_ttl   = 900
}

# Every repository of the organisation.
resource "vault_jwt_auth_backend_role" "reports" {
  backend         = vault_jwt_auth_backend.github.path
  role_name       = "reports"
  role_type       = "jwt"
  user_claim      = "repository"
  bound_audiences = ["https://vault.example.com"]
  bound_claims    = { repository_owner = "example" }
  token_policies  = ["reports"]
  token_max_ttl   = 900
}
