# METADATA
# title: A deleted secret cannot be brought back
# description: >-
#   A window of 0 days deletes at once: a renamed resource, a wrong workspace or a hasty `terraform destroy` then takes a production login
#   away with no way back, and a value that only the store knew is lost. A window below 7 days (`recovery_min_days`) ends before a mistake
#   made on a Friday is understood. Left out, the window is the provider's default, 30 days in AWS, which is fine.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html
#   description: Deletion and recovery in AWS Secrets Manager
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
#   description: What deletion without recovery means
# custom:
#   severity: medium
#   remediation: >-
#     Leave `recovery_window_in_days` (`recovery_window_days` of a `secret`) out, or set it to 7 or more. If 0 is there so that the
#     name can be used again at once, use `on_conflict = "restore"` of a `secret`, which takes a deleted secret back.
#   references: [NIST SP 800-53 CP-10]
#   covers: []
#   aliases: []
package secretlint.storage.no_recovery_window

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result
import data.secretlint.lib.thresholds

findings contains finding if {
	some secret in _supported
	secret.recovery_window_days == 0
	finding := result.at(secret, ["recovery_window_days"], "a deletion takes effect at once and cannot be undone")
}

findings contains finding if {
	some secret in _supported
	_too_short(secret.recovery_window_days)
	message := sprintf("a deleted secret can be brought back for %v days only, %v are expected", [
		secret.recovery_window_days,
		thresholds.recovery_min_days,
	])
	finding := result.at(secret, ["recovery_window_days"], message)
}

undetermined contains finding if {
	some secret in _supported
	facts.is_unknown(secret, "recovery_window_days")
	finding := result.at(secret, ["recovery_window_days"], "how long a deletion can be undone is decided at apply")
}

_supported := [secret |
	some secret in facts.declared(input.secrets)
	secret.recovery_supported
]

# Null is a window that the configuration leaves to the provider; in Rego's order it is smaller than any number.
_too_short(days) if {
	is_number(days)
	days > 0
	days < thresholds.recovery_min_days
}
