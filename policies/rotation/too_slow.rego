# METADATA
# title: A secret is rotated too seldom
# description: >-
#   The time between two rotations is the time for which a stolen value works. The limit is 90 days unless the configuration says
#   otherwise (`rotation_max_days`); a cron expression counts with its longest gap. Encryption keys are not meant here: rotating a key
#   re-encrypts nothing that was stolen, and a year is the usual period.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
#   description: Rotation schedules in AWS Secrets Manager
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/secretsmanager-controls.html
#   description: AWS Security Hub controls, which use the same 90 days
# custom:
#   severity: low
#   remediation: >-
#     Shorten the schedule, for example to `rate(30 days)`. If a short one seems to endanger those who use the secret, give them
#     time instead: `keep_previous_for` of a `secret_rotation`, or two users in turn, keeps the previous value valid.
#   references: [CWE-263, AWS FSBP SecretsManager.4]
#   covers: [CKV_AWS_304, secretsmanager_secret_rotated_periodically]
#   aliases: []
package secretlint.rotation.too_slow

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result
import data.secretlint.lib.thresholds

findings contains finding if {
	some rotation in _rotations
	rotation.period_days > thresholds.rotation_max_days
	message := sprintf("up to %v days pass between two rotations, %v are allowed", [
		ceil(rotation.period_days),
		thresholds.rotation_max_days,
	])
	finding := result.at(rotation, [_place(rotation)], message)
}

undetermined contains finding if {
	some rotation in _rotations
	some field in ["period_days", "schedule"]
	facts.is_unknown(rotation, field)
	finding := result.at(rotation, [_place(rotation)], "how often this rotates is decided at apply")
}

_rotations := [rotation |
	some rotation in facts.declared(input.rotations)
	rotation.target == "secret"
	object.get(rotation, "enabled", null) != false
]

_place(rotation) := "period_days" if rotation.paths.period_days

else := "schedule"
