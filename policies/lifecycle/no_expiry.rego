# METADATA
# title: A secret or key has no end
# description: >-
#   Where a platform shows what is about to end, a date is how it reminds people: the vault raises an event weeks before, and a dashboard lists
#   what is overdue. Without a date nothing ever asks whether a value is still needed. Reported are secrets and keys of stores whose own advice
#   is to set one, such as Azure Key Vault. In stores where an end deletes the value, none is expected; a key that its rotation policy renews has
#   its end from there.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/secrets/secure-secrets
#   description: Advice on secrets in Azure Key Vault
# - ref: https://learn.microsoft.com/azure/key-vault/general/event-grid-overview
#   description: Events of Azure Key Vault before something ends
# custom:
#   severity: low
#   remediation: >-
#     Set `expiration_date` of an `azurerm_key_vault_secret` or `azurerm_key_vault_key`, from a `time_rotating` so that it moves with each
#     rotation, or give the key a `rotation_policy`. Let somebody receive the vault's events.
#   references: [CWE-324, CIS Azure 8.1, CIS Azure 8.3]
#   covers:
#     - CKV_AZURE_40
#     - CKV_AZURE_41
#     - AZU-0014
#     - AZU-0017
#     - KICS-dfa20ffa
#     - keyvault_rbac_key_expiration_set
#     - keyvault_rbac_secret_expiration_set
#   aliases: []
package secretlint.lifecycle.no_expiry

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result
import data.secretlint.lib.secrets

findings contains finding if {
	some fact in _expected
	facts.absent(fact, "expires_at")
	finding := result.about(fact, "expires_at", "this has no end, so nothing ever asks for a new value")
}

undetermined contains finding if {
	some fact in _undecided
	finding := result.about(fact, "expires_at", "whether this has an end is decided at apply")
}

_expected contains secret if {
	some secret in secrets.declared
	secret.expiry_expected
}

_expected contains key if {
	some key in facts.declared(input.keys)
	key.expiry_expected
	object.get(key, "rotation_enabled", null) != true
	not facts.is_unknown(key, "rotation_enabled")
}

# An end that is decided at apply is one: it comes from `time_rotating` or the like. Undecided is a key whose rotation may give it one.
_undecided contains key if {
	some key in facts.declared(input.keys)
	key.expiry_expected
	facts.absent(key, "expires_at")
	facts.is_unknown(key, "rotation_enabled")
}
