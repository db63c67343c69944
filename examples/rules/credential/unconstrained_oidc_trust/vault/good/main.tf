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

# One repository, one branch.
resource "vault_jwt_auth_backend_role" "deploy" {
  backend         = vault_jwt_auth_backend.github.path
  role_name       = "deploy"
  role_type       = "jwt"
  user_claim      = "repository"
  bound_audiences = ["https://vault.example.com"]
  bound_claims = {
    repository = "example/orders"
    ref        = "refs/heads/main"
  }
  token_policies = ["deploy"]
  token_max_ttl  = 900
}
