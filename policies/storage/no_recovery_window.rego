# METADATA
# title: A deleted secret cannot be brought back
# description: >-
#   A window of 0 days deletes at once: a renamed resource, a wrong workspace or a hasty `terraform destroy` then takes a production login
#   away with no way back, and a value that only the store knew is lost. A window below 7 days (`recovery_min_days`) ends before a mistake
#   made on a Friday is understood. The same holds for keys, with which everything goes that they encrypted, and for stores that keep what is
#   deleted in them. Left out, the window is the provider's default, 30 days in AWS, which is fine.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html
#   description: Deletion and recovery in AWS Secrets Manager
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
#   description: What deletion without recovery means
# - ref: https://cloud.google.com/secret-manager/docs/delay-destruction-of-secret-versions
#   description: Delayed destruction of versions in Google Secret Manager
# - ref: https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
#   description: Soft delete in Azure Key Vault
# custom:
#   severity: medium
#   remediation: >-
#     Leave `recovery_window_in_days` (`recovery_window_days` of a `secret`) out, or set it to 7 or more; give a
#     `google_secret_manager_secret` a `version_destroy_ttl`. If 0 is there so that the name can be used again at once, use
#     `on_conflict = "restore"` of a `secret`, which takes a deleted secret back.
#   references: [NIST SP 800-53 CP-10]
#   covers: [CKV_AZURE_42, CKV_AZURE_111, KICS-0b530315, kms_cmk_not_deleted_unintentionally]
#   aliases: []
package secretlint.storage.no_recovery_window

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result
import data.secretlint.lib.secrets
import data.secretlint.lib.thresholds

findings contains finding if {
	some held in _recoverable
	held.fact[held.field] == 0
	finding := result.at(held.fact, [held.field], "a deletion takes effect at once and cannot be undone")
}

findings contains finding if {
	some held in _recoverable
	_too_short(held.fact[held.field])
	message := sprintf("a deleted %s can be brought back for %v days only, %v are expected", [
		held.name,
		held.fact[held.field],
		thresholds.recovery_min_days,
	])
	finding := result.at(held.fact, [held.field], message)
}

undetermined contains finding if {
	some held in _recoverable
	facts.is_unknown(held.fact, held.field)
	finding := result.at(held.fact, [held.field], "how long a deletion can be undone is decided at apply")
}

_recoverable contains {"fact": secret, "field": "recovery_window_days", "name": "secret"} if {
	some secret in secrets.declared
	secret.recovery_supported
}

# Of keys and stores a window is told only where there can be one.
_recoverable contains {"fact": key, "field": "deletion_window_days", "name": "key"} if {
	some key in facts.declared(input.keys)
}

_recoverable contains {"fact": store, "field": "recovery_window_days", "name": "secret of this store"} if {
	some store in facts.declared(input.stores)
}

# Null is a window that the configuration leaves to the provider; in Rego's order it is smaller than any number.
_too_short(days) if {
	is_number(days)
	days > 0
	days < thresholds.recovery_min_days
}
