package secretlint.rotation.too_slow_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.rotation.too_slow

test_reports_a_year if {
	_findings({"period_days": 365}) == {_finding("up to 365 days pass between two rotations, 90 are allowed")}
}

test_reports_longest_gap_of_a_cron_expression if {
	_findings({"period_days": 183.5}) == {_finding("up to 184 days pass between two rotations, 90 are allowed")}
}

test_reports_by_the_configured_limit if {
	too_slow.findings == {_finding("up to 30 days pass between two rotations, 14 are allowed")} with input.rotations as [samples.rotation({})]
		with input.config.thresholds.rotation_max_days as 14
}

test_points_to_the_attribute if {
	place := ["rotation_rules", 0, "automatically_after_days"]
	_findings({"period_days": 365, "paths": {"period_days": place}}) == {
		object.union(_finding("up to 365 days pass between two rotations, 90 are allowed"), {"path": place}),
	}
}

test_accepts_the_limit_itself if _findings({"period_days": 90}) == set()

test_accepts_null if _findings({"period_days": null}) == set()

test_accepts_rotation_that_is_switched_off if _findings({"period_days": 365, "enabled": false}) == set()

test_accepts_key if _findings({"period_days": 365, "target": "key"}) == set()

test_accepts_deleted_rotation if _findings({"period_days": 365, "actions": ["delete"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"period_days": null, "schedule": null, "unknown": ["period_days", "schedule"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("how often this rotates is decided at apply")}
}

test_determined_when_known if _undetermined({"period_days": 365}) == set()

_findings(changes) := said if {
	said := too_slow.findings with input.rotations as [samples.rotation(changes)]
}

_undetermined(changes) := said if {
	said := too_slow.undetermined with input.rotations as [samples.rotation(changes)]
}

_finding(message) := {
	"address": "aws_secretsmanager_secret_rotation.main",
	"path": ["schedule"],
	"message": message,
}
