# METADATA
# title: A secret value is written in a provider block
# description: >-
#   The credentials of a provider open the whole platform, not one database: they are what Terraform itself works with. Written in a
#   block they are in the repository, in its history and in every plan file, they are the same on every laptop and in every pipeline,
#   and nobody can tell from a log who used them.
# related_resources:
# - ref: https://developer.hashicorp.com/terraform/language/providers/configuration
#   description: Provider configuration
# - ref: https://registry.terraform.io/providers/hashicorp/aws/latest/docs#authentication-and-configuration
#   description: Where the AWS provider finds credentials, in order
# - ref: https://registry.terraform.io/providers/hashicorp/vault/latest/docs#using-vault-credentials-in-terraform-configuration
#   description: Credentials of the Vault provider
# custom:
#   severity: critical
#   remediation: >-
#     Leave the argument out and let the provider read the environment of the run, or let it log in with an identity that the run
#     already has: OpenID Connect, an instance's role, workload identity, `assume_role`. A value that must be passed comes from an
#     ephemeral resource or an ephemeral variable. Then revoke the credential that was written here.
#   references: [CWE-798, CWE-522]
#   covers:
#     - CKV_AWS_41
#   aliases: []
package secretlint.value.in_provider_block

import rego.v1

import data.secretlint.lib.exposures
import data.secretlint.lib.result

findings contains finding if {
	some exposure in exposures.told_by("in_provider_block")
	finding := result.inside(exposure, exposure.path, "a credential of this provider is written here")
}
