# METADATA
# title: A deletion of this plan cannot be undone
# description: >-
#   Taking a block out of the configuration, renaming a resource without a `moved` block or applying in the wrong workspace deletes what only the
#   store knew. With a recovery window that is an hour of trouble; without one the value, or everything that a key encrypted, is gone. Reported
#   are secrets, keys and stores that this plan deletes and that cannot be brought back. What is replaced is reported by `lifecycle.replaced`,
#   and what is only forgotten (`removed` with `destroy = false`) stays where it is.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html
#   description: Deletion and recovery in AWS Secrets Manager
# - ref: https://learn.microsoft.com/azure/key-vault/general/key-vault-recovery
#   description: Recovery of what was deleted in Azure Key Vault
# - ref: https://developer.hashicorp.com/terraform/language/moved
#   description: How to rename a resource without deleting it
# custom:
#   severity: high
#   remediation: >-
#     If it was renamed, write a `moved` block. If it is to leave this configuration and stay, write a `removed` block with `destroy = false`. If
#     it is to go, see first that nobody reads it any more, and give it a recovery window in an apply of its own.
#   references: [CWE-404, NIST SP 800-53 CP-9, NIST SP 800-53 CP-10]
#   covers: []
#   aliases: []
package secretlint.lifecycle.deleted_without_recovery

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some removal in _deletions
	removal.recoverable == false
	message := sprintf("this plan deletes the %s, and it cannot be brought back", [_named(removal.kind)])
	finding := result.about(removal, "recovery_window_days", message)
}

undetermined contains finding if {
	some removal in _deletions
	facts.is_unknown(removal, "recoverable")
	message := sprintf("this plan deletes the %s; whether it can be brought back is decided at apply", [_named(removal.kind)])
	finding := result.about(removal, "recovery_window_days", message)
}

# A password goes with the database that it opened.
_deletions := [removal |
	some removal in input.removals
	not removal.replaced
	removal.holds_value
	removal.kind != "password"
]

_named(kind) := object.get(
	{
		"object": "Kubernetes Secret", "key_vault": "vault with all that is in it", "kv_mount": "mount with all that is in it",
		"cluster": "cluster with its Secrets", "server": "server with all that is in it", "variable": "variable",
	},
	kind, kind,
)
