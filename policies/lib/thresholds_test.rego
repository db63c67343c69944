package secretlint.lib.thresholds_test

import rego.v1

import data.secretlint.lib.thresholds

# The same numbers stand in the linter, where a test compares the two.
test_defaults_hold_without_configuration if {
	_all == {
		"rotation_max_days": 90,
		"key_rotation_max_days": 365,
		"grace_min_hours": 1,
		"certificate_max_days": 398,
		"recovery_min_days": 7,
		"grant_max_days": 90,
		"token_max_days": 90,
		"audit_retention_min_days": 90,
		"generated_min_bits": 80,
		"owner_tags": ["owner", "Owner", "team", "Team"],
		"allowed_principals": [],
		"trusted_accounts": [],
	} with input as {}
}

test_configuration_wins if {
	configured := {
		"rotation_max_days": 30,
		"key_rotation_max_days": 90,
		"grace_min_hours": 24,
		"certificate_max_days": 47,
		"recovery_min_days": 14,
		"grant_max_days": 7,
		"token_max_days": 1,
		"audit_retention_min_days": 365,
		"generated_min_bits": 128,
		"owner_tags": ["CostCentre"],
		"allowed_principals": ["allUsers"],
		"trusted_accounts": ["123456789012"],
	}
	_all == configured with input.config.thresholds as configured
}

_all := {
	"rotation_max_days": thresholds.rotation_max_days,
	"key_rotation_max_days": thresholds.key_rotation_max_days,
	"grace_min_hours": thresholds.grace_min_hours,
	"certificate_max_days": thresholds.certificate_max_days,
	"recovery_min_days": thresholds.recovery_min_days,
	"grant_max_days": thresholds.grant_max_days,
	"token_max_days": thresholds.token_max_days,
	"audit_retention_min_days": thresholds.audit_retention_min_days,
	"generated_min_bits": thresholds.generated_min_bits,
	"owner_tags": thresholds.owner_tags,
	"allowed_principals": thresholds.allowed_principals,
	"trusted_accounts": thresholds.trusted_accounts,
}
