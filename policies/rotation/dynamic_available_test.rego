package secretlint.rotation.dynamic_available_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.rotation.dynamic_available

test_reports_argument_that_is_there_instead if {
	_findings({}) == {
		_finding("this value stays the same until somebody changes it, and `manage_master_user_password` is there instead"),
	}
}

test_reports_way_that_is_there_instead if {
	_findings({"dynamic_alternative": "a database role of Vault"}) == {
		_finding("this value stays the same until somebody changes it, and a database role of Vault is there instead"),
	}
}

test_accepts_null if _findings({"dynamic_alternative": null}) == set()

test_accepts_value_that_a_rotation_changes if {
	_findings({"rotations": ["aws_secretsmanager_secret_rotation.main"]}) == set()
}

test_accepts_value_that_the_platform_rotates if _findings({"rotation_managed": true}) == set()

test_accepts_deleted_secret if _findings({"actions": ["delete"]}) == set()

test_accepts_secret_that_is_only_read if _findings({"mode": "data", "actions": ["read"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"dynamic_alternative": null, "unknown": ["dynamic_alternative"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("whether the platform makes this value itself is decided at apply")}
}

test_determined_when_known if _undetermined({}) == set()

_findings(changes) := said if {
	said := dynamic_available.findings with input.secrets as [_secret(changes)]
}

_undetermined(changes) := said if {
	said := dynamic_available.undetermined with input.secrets as [_secret(changes)]
}

_secret(changes) := samples.secret(object.union(
	{"kind": "password", "rotations": [], "dynamic_alternative": "manage_master_user_password"},
	changes,
))

_finding(message) := {"address": "aws_secretsmanager_secret.main", "path": [], "message": message}
