package secretlint.lib.thresholds_test

import rego.v1

import data.secretlint.lib.thresholds

test_defaults_hold_without_configuration if {
	thresholds.rotation_max_days == 90 with input as {}
	thresholds.recovery_min_days == 7 with input as {}
	thresholds.owner_tags == ["owner", "Owner", "team", "Team"] with input as {}
}

test_configuration_wins if {
	configured := {"rotation_max_days": 30, "recovery_min_days": 14, "owner_tags": ["CostCentre"]}
	thresholds.rotation_max_days == 30 with input.config.thresholds as configured
	thresholds.recovery_min_days == 14 with input.config.thresholds as configured
	thresholds.owner_tags == ["CostCentre"] with input.config.thresholds as configured
}
