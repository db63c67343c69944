package secretlint.rotation.key_not_rotated_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.rotation.key_not_rotated

test_reports_key_without_rotation if {
	_findings({"rotation_enabled": false, "rotation_period_days": null}) == {_finding("nothing rotates this key")}
}

test_reports_once_what_has_a_period_and_is_off if {
	_findings({"rotation_enabled": false, "rotation_period_days": 2560}) == {_finding("nothing rotates this key")}
}

test_reports_seven_years if {
	_findings({"rotation_period_days": 2560}) == {_finding("up to 2560 days pass between two rotations, 365 are allowed")}
}

test_reports_by_the_configured_limit if {
	said := key_not_rotated.findings with input.keys as [samples.key({})]
		with input.config.thresholds.key_rotation_max_days as 90
	said == {_finding("up to 365 days pass between two rotations, 90 are allowed")}
}

test_points_to_the_attribute if {
	place := ["enable_key_rotation"]
	_findings({"rotation_enabled": false, "paths": {"rotation_enabled": place}}) == {
		object.union(_finding("nothing rotates this key"), {"path": place}),
	}
}

test_accepts_a_year if _findings({}) == set()

test_accepts_key_that_cannot_be_rotated_or_null if {
	_findings({"rotation_enabled": null, "rotation_period_days": null}) == set()
}

test_accepts_rotation_without_a_period if _findings({"rotation_period_days": null}) == set()

test_accepts_deleted_key if _findings({"rotation_enabled": false, "actions": ["delete"]}) == set()

test_accepts_key_that_is_only_read if _findings({"rotation_enabled": false, "mode": "data", "actions": ["read"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"rotation_enabled": null, "unknown": ["rotation_enabled"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("whether this key is rotated is decided at apply")}
}

test_undetermined_when_the_period_is_known_after_apply if {
	changes := {"rotation_period_days": null, "unknown": ["rotation_period_days"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("how often this key is rotated is decided at apply")}
}

test_determined_when_known if _undetermined({"rotation_enabled": false}) == set()

_findings(changes) := said if {
	said := key_not_rotated.findings with input.keys as [samples.key(changes)]
}

_undetermined(changes) := said if {
	said := key_not_rotated.undetermined with input.keys as [samples.key(changes)]
}

_finding(message) := {"address": "aws_kms_key.main", "path": [], "message": message}
