# METADATA
# title: The rotation of a secret is switched off
# description: >-
#   A rotation that is configured and does not run is worse than none: the configuration reads as if the value changed, so nobody looks at
#   it again. It is often what is left of an incident during which somebody switched it off to be left in peace. Reported are rotations of
#   secrets that are off, unless another rotation of the same secret is on. Keys have a rule of their own, `rotation.key_not_rotated`.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CancelRotateSecret.html
#   description: What AWS does when a rotation is switched off
# - ref: https://developer.hashicorp.com/vault/docs/secrets/databases
#   description: Rotation of root credentials and static roles in Vault
# custom:
#   severity: medium
#   remediation: >-
#     Switch the rotation on again, and see that its next run succeeds; if it was switched off because it failed, correct that first. Where
#     the value is rotated elsewhere now, remove this rotation, so that the configuration says so.
#   references: [CWE-262, AWS FSBP SecretsManager.1]
#   covers: [CKV2_AWS_57, secretsmanager_automatic_rotation_enabled]
#   aliases: []
package secretlint.rotation.disabled

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some rotation in _rotations
	rotation.enabled == false
	not _is_rotated_otherwise(rotation)
	finding := result.about(rotation, "enabled", "this rotation is switched off")
}

undetermined contains finding if {
	some rotation in _rotations
	facts.is_unknown(rotation, "enabled")
	not _is_rotated_otherwise(rotation)
	finding := result.about(rotation, "enabled", "whether this rotation is switched on is decided at apply")
}

_rotations := [rotation |
	some rotation in facts.declared(input.rotations)
	rotation.target == "secret"
]

_is_rotated_otherwise(rotation) if {
	is_string(rotation.secret)
	some other in _rotations
	other.secret == rotation.secret
	other.enabled == true
}
