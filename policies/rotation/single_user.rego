# METADATA
# title: A rotation changes the password under those who use it
# description: >-
#   With one login, the moment of rotation is the moment in which every open pool of connections holds a password that is no longer good:
#   between the change in the database and the next reading of the secret, logins are refused. Two logins in turn, or a previous value that
#   stays valid for a while, leave no such moment, and rotation can then run by day. Reported are rotations whose strategy is one user and
#   that keep no previous value.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html
#   description: Single user and alternating users in AWS Secrets Manager
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/getting-started.html
#   description: What rotation means in AWS Secrets Manager
# custom:
#   severity: low
#   remediation: >-
#     Rotate with alternating users (in AWS the `…RotationMultiUser` function with a secret of an administrator), let a database engine of
#     Vault issue a login per lease, or keep the previous value valid: `keep_previous_for` of a `secret_rotation`. If a single user has to
#     stay, let those who use it read the secret again when a login fails.
#   references: [CWE-324, NIST SP 800-53 IA-5]
#   covers: []
#   aliases: []
package secretlint.rotation.single_user

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some rotation in _rotations
	rotation.strategy == "single_user"
	not _keeps_previous(rotation)
	not facts.is_unknown(rotation, "keep_previous_seconds")
	finding := result.about(rotation, "strategy", "the one login's password changes while it is in use, and the previous one is refused at once")
}

undetermined contains finding if {
	some rotation in _rotations
	facts.is_unknown(rotation, "strategy")
	not _keeps_previous(rotation)
	finding := result.about(rotation, "strategy", "how this rotates is decided at apply")
}

undetermined contains finding if {
	some rotation in _rotations
	rotation.strategy == "single_user"
	facts.is_unknown(rotation, "keep_previous_seconds")
	finding := result.about(rotation, "keep_previous_seconds", "whether the previous value stays valid is decided at apply")
}

_rotations := [rotation |
	some rotation in facts.declared(input.rotations)
	rotation.target == "secret"
	object.get(rotation, "enabled", null) != false
]

# In Rego's order null is smaller than any number.
_keeps_previous(rotation) if rotation.keep_previous_seconds > 0
