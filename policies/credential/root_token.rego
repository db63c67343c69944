# METADATA
# title: A root token of Vault is made or used
# description: >-
#   A root token may do everything on a Vault server, its policies cannot be taken away, and it does not have to end. HashiCorp's advice
#   is to have none but while one is needed. One in a provider block means that every run of the pipeline is root, and that the token is
#   in the configuration; one that Terraform makes is kept in the state.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/tokens#root-tokens
#   description: Root tokens, and when to have one
# - ref: https://developer.hashicorp.com/vault/docs/troubleshoot/generate-root-token
#   description: A root token made by a quorum of key holders
# - ref: https://registry.terraform.io/providers/hashicorp/vault/latest/docs#provider-arguments
#   description: How the Vault provider logs in
# custom:
#   severity: critical
#   remediation: >-
#     Revoke the token. Let Terraform log in with an auth method whose role has the policies it needs (`auth_login_jwt` in a pipeline,
#     `auth_login_aws` and its kin), for the length of a run; make a root token with `vault operator generate-root` only for the task
#     that needs one, and revoke it afterwards.
#   references: [CWE-250, CWE-798, CWE-269]
#   covers: []
#   aliases: []
package secretlint.credential.root_token

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some credential in facts.declared(input.credentials)
	credential.kind == "root_token"
	finding := result.inside(credential, credential.path, _message(credential))
}

_message(credential) := "this provider logs in with a root token" if {
	credential.mode == "provider"
} else := "this makes a token with the policy `root`"
