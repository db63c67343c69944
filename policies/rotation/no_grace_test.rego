package secretlint.rotation.no_grace_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.rotation.no_grace

test_reports_zero if {
	_findings({"keep_previous_seconds": 0}) == {_finding("the previous value is refused as soon as the new one is made")}
}

test_reports_a_minute if {
	_findings({"keep_previous_seconds": 60}) == {
		_finding("the previous value stays valid for 60 seconds, which is less than 1 h"),
	}
}

test_reports_by_the_configured_limit if {
	said := no_grace.findings with input.rotations as [samples.rotation({"keep_previous_seconds": 7200})]
		with input.config.thresholds.grace_min_hours as 24
	said == {_finding("the previous value stays valid for 7200 seconds, which is less than 24 h")}
}

test_accepts_zero_where_no_grace_is_asked_for if {
	said := no_grace.findings with input.rotations as [samples.rotation({"keep_previous_seconds": 0})]
		with input.config.thresholds.grace_min_hours as 0
	said == set()
}

test_accepts_the_limit_itself if _findings({"keep_previous_seconds": 3600}) == set()

test_accepts_null if _findings({"keep_previous_seconds": null}) == set()

test_accepts_two_users_in_turn if _findings({"keep_previous_seconds": 0, "strategy": "alternating_users"}) == set()

test_accepts_single_user_which_another_rule_reports if {
	_findings({"keep_previous_seconds": 0, "strategy": "single_user"}) == set()
}

test_accepts_rotation_that_is_switched_off if _findings({"keep_previous_seconds": 0, "enabled": false}) == set()

test_accepts_key if _findings({"keep_previous_seconds": 0, "target": "key"}) == set()

test_accepts_deleted_rotation if _findings({"keep_previous_seconds": 0, "actions": ["delete"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"keep_previous_seconds": null, "unknown": ["keep_previous_seconds"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("for how long the previous value stays valid is decided at apply")}
}

test_determined_when_known if _undetermined({"keep_previous_seconds": 0}) == set()

_findings(changes) := said if {
	said := no_grace.findings with input.rotations as [samples.rotation(changes)]
}

_undetermined(changes) := said if {
	said := no_grace.undetermined with input.rotations as [samples.rotation(changes)]
}

_finding(message) := {"address": "aws_secretsmanager_secret_rotation.main", "path": [], "message": message}
