# METADATA
# title: A secret does not say what it is for
# description: >-
#   A name like `prod/orders/db` says which system, not what the value opens, who reads it or where it is made. Whoever has to replace it at
#   night, or asks whether it can go, then asks people instead of the store. One sentence is enough. In Azure Key Vault the content type is that
#   place, and says how the value is to be read. Passwords that are arguments of another resource, and stores without such a place, are not
#   reported.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/create_secret.html
#   description: What can be said about a secret in AWS Secrets Manager
# - ref: https://learn.microsoft.com/azure/key-vault/secrets/about-secrets
#   description: The content type of a secret in Azure Key Vault
# custom:
#   severity: low
#   remediation: >-
#     Write what the value opens and where a new one is made: `description` of a `secret`, an `aws_secretsmanager_secret` or an
#     `aws_ssm_parameter`, `content_type` of an `azurerm_key_vault_secret`. Nothing secret belongs in it.
#   references: [CWE-1059, NIST SP 800-53 CM-8]
#   covers: [CKV_AZURE_114, AZU-0015, KICS-f8e08a38]
#   aliases: []
package secretlint.lifecycle.no_description

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result
import data.secretlint.lib.secrets

findings contains finding if {
	some secret in _described
	facts.absent(secret, "description")
	finding := result.about(secret, "description", "nothing says what this secret is for")
}

undetermined contains finding if {
	some secret in _described
	facts.is_unknown(secret, "description")
	finding := result.about(secret, "description", "what is said about this secret is decided at apply")
}

_described := [secret |
	some secret in secrets.declared
	secret.description_supported
	secret.kind in {"secret", "parameter", "object"}
]
