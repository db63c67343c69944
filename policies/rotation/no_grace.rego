# METADATA
# title: The previous value of a secret ends with its rotation
# description: >-
#   Those who use a secret read it when they start, or from a cache. If the previous value is refused from the moment in which the new one is
#   made, each of them fails until it has read again, and a rotation becomes an outage that somebody then prevents by switching it off.
#   Reported are rotations that say for how long the previous value stays valid, where that is less than an hour (`grace_min_hours`). A
#   rotation that says nothing is not reported: its platform decides, or the one who rotates.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html
#   description: Why the previous login should go on working, in AWS Secrets Manager
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html
#   description: OWASP on the life of a secret
# custom:
#   severity: low
#   remediation: >-
#     Let the previous value stay valid for longer than anybody caches the secret: `keep_previous_for = "24h"` of a `secret_rotation`, or two
#     users in turn. If a leak was the reason to rotate, end the previous value by hand.
#   references: [CWE-324, NIST SP 800-53 IA-5]
#   covers: []
#   aliases: []
package secretlint.rotation.no_grace

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result
import data.secretlint.lib.thresholds

findings contains finding if {
	some rotation in _rotations
	rotation.keep_previous_seconds == 0
	thresholds.grace_min_hours > 0
	finding := result.about(rotation, "keep_previous_seconds", "the previous value is refused as soon as the new one is made")
}

findings contains finding if {
	some rotation in _rotations
	is_number(rotation.keep_previous_seconds)
	rotation.keep_previous_seconds > 0
	rotation.keep_previous_seconds < thresholds.grace_min_hours * 3600
	message := sprintf("the previous value stays valid for %v seconds, which is less than %v h", [
		rotation.keep_previous_seconds,
		thresholds.grace_min_hours,
	])
	finding := result.about(rotation, "keep_previous_seconds", message)
}

undetermined contains finding if {
	some rotation in _rotations
	facts.is_unknown(rotation, "keep_previous_seconds")
	finding := result.about(rotation, "keep_previous_seconds", "for how long the previous value stays valid is decided at apply")
}

# Of two logins in turn the previous one is not touched; what one login's users go through is told by `rotation.single_user`.
_rotations := [rotation |
	some rotation in facts.declared(input.rotations)
	rotation.target == "secret"
	object.get(rotation, "enabled", null) != false
	not object.get(rotation, "strategy", null) in {"alternating_users", "single_user"}
]
