# METADATA
# title: Secrets can be destroyed for good before their time
# description: >-
#   A recovery window helps against a mistake only if nobody can end it: whoever may purge a deleted vault, secret or key destroys it at once,
#   and with a key everything that it encrypted. That is what somebody does who wants to extort money, and what a clean-up script does by
#   accident. Reported are vaults, secrets and keys whose platform offers a protection against that which is not switched on, and secrets that
#   Terraform itself purges when it destroys them.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
#   description: Soft delete and purge protection in Azure Key Vault
# - ref: https://cloud.google.com/secret-manager/docs/delay-destruction-of-secret-versions
#   description: Delayed destruction of versions in Google Secret Manager
# - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit
#   description: Keys of Vault's transit engine that may be deleted
# custom:
#   severity: medium
#   remediation: >-
#     Switch the protection on: `purge_protection_enabled = true` of an `azurerm_key_vault`, `deletion_protection` of a
#     `google_secret_manager_secret`, no `deletion_allowed` of a key of Vault, no `on_destroy = "purge"` of a `secret`. In Azure it cannot be
#     switched off again, so try names out in a vault of their own.
#   references: [CWE-693, CIS Azure 8.5, NIST SP 800-53 CP-9]
#   covers: [CKV_AZURE_42, CKV_AZURE_110, CKV_GCP_82, AZU-0016]
#   aliases: []
package secretlint.storage.purge_not_protected

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result
import data.secretlint.lib.secrets

findings contains finding if {
	some held in _protectable
	held.fact.purge_protection == false
	finding := result.about(held.fact, "purge_protection", sprintf("whoever may delete %s can destroy it for good at once", [held.name]))
}

undetermined contains finding if {
	some held in _protectable
	facts.is_unknown(held.fact, "purge_protection")
	message := sprintf("whether %s is protected from being destroyed for good is decided at apply", [held.name])
	finding := result.about(held.fact, "purge_protection", message)
}

# One that is destroyed without any window has nothing to purge, and `storage.no_recovery_window` says so.
_protectable contains {"fact": secret, "name": "this secret"} if {
	some secret in secrets.declared
	object.get(secret, "recovery_window_days", null) != 0
}

_protectable contains {"fact": key, "name": "this key"} if {
	some key in facts.declared(input.keys)
}

_protectable contains {"fact": store, "name": "what is in this store"} if {
	some store in facts.declared(input.stores)
}
