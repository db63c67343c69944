package secretlint.rotation.single_user_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.rotation.single_user

test_reports_single_user if _findings({}) == {_finding(_refused)}

test_reports_previous_value_that_is_kept_for_no_time if {
	_findings({"keep_previous_seconds": 0}) == {_finding(_refused)}
}

test_points_to_the_attribute if {
	place := ["rotation_lambda_arn"]
	_findings({"paths": {"strategy": place}}) == {object.union(_finding(_refused), {"path": place})}
}

test_accepts_two_users_in_turn if _findings({"strategy": "alternating_users"}) == set()

test_accepts_previous_value_that_stays_valid if _findings({"keep_previous_seconds": 3600}) == set()

test_accepts_null if _findings({"strategy": null}) == set()

test_accepts_rotation_that_is_switched_off if _findings({"enabled": false}) == set()

test_accepts_key if _findings({"target": "key"}) == set()

test_accepts_deleted_rotation if _findings({"actions": ["delete"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"strategy": null, "unknown": ["strategy"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("how this rotates is decided at apply")}
}

test_undetermined_when_the_time_of_grace_is_known_after_apply if {
	changes := {"unknown": ["keep_previous_seconds"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("whether the previous value stays valid is decided at apply")}
}

test_determined_when_known if _undetermined({}) == set()

_findings(changes) := said if {
	said := single_user.findings with input.rotations as [_rotation(changes)]
}

_undetermined(changes) := said if {
	said := single_user.undetermined with input.rotations as [_rotation(changes)]
}

_rotation(changes) := samples.rotation(object.union({"strategy": "single_user"}, changes))

_refused := "the one login's password changes while it is in use, and the previous one is refused at once"

_finding(message) := {"address": "aws_secretsmanager_secret_rotation.main", "path": [], "message": message}
