package secretlint.rotation.disabled_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.rotation.disabled

test_reports_rotation_that_is_switched_off if {
	_findings([{"enabled": false}]) == {_finding("this rotation is switched off")}
}

test_reports_rotation_whose_secret_cannot_be_told if {
	_findings([{"enabled": false, "secret": null}, {"secret": null}]) == {_finding("this rotation is switched off")}
}

test_points_to_the_switch if {
	place := ["rotation_enabled"]
	_findings([{"enabled": false, "paths": {"enabled": place}}]) == {
		object.union(_finding("this rotation is switched off"), {"path": place}),
	}
}

test_accepts_rotation_that_is_on if _findings([{}]) == set()

test_accepts_null if _findings([{"enabled": null}]) == set()

test_accepts_secret_that_another_rotation_rotates if {
	_findings([{"enabled": false}, {"address": "aws_secretsmanager_secret_rotation.other"}]) == set()
}

test_accepts_rotation_of_a_key if _findings([{"enabled": false, "target": "key"}]) == set()

test_accepts_deleted_rotation if _findings([{"enabled": false, "actions": ["delete"]}]) == set()

test_accepts_rotation_that_is_only_read if _findings([{"enabled": false, "mode": "data", "actions": ["read"]}]) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"enabled": null, "unknown": ["enabled"]}
	_findings([changes]) == set()
	_undetermined([changes]) == {_finding("whether this rotation is switched on is decided at apply")}
}

test_determined_when_known if _undetermined([{"enabled": false}, {"enabled": null}, {}]) == set()

_findings(list) := said if {
	said := disabled.findings with input.rotations as [samples.rotation(changes) | some changes in list]
}

_undetermined(list) := said if {
	said := disabled.undetermined with input.rotations as [samples.rotation(changes) | some changes in list]
}

_finding(message) := {"address": "aws_secretsmanager_secret_rotation.main", "path": [], "message": message}
