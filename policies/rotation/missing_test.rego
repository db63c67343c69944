package secretlint.rotation.missing_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.rotation.missing

test_reports_secret_without_rotation if {
	_findings({"rotations": []}) == {_finding("no rotation in this plan names this secret")}
}

test_accepts_rotation if _findings({}) == set()

test_accepts_rotation_that_is_switched_off_which_another_rule_reports if {
	missing.findings == set() with input.secrets as [samples.secret({})]
		with input.rotations as [samples.rotation({"enabled": false})]
}

test_accepts_managed_rotation if _findings({"rotations": [], "rotation_managed": true}) == set()

test_accepts_store_without_rotation if {
	_findings({"store": "aws_ssm", "kind": "parameter", "rotations": [], "rotation_expected": false}) == set()
}

test_accepts_deleted_secret if _findings({"rotations": [], "actions": ["delete"]}) == set()

test_accepts_secret_that_is_only_read if _findings({"rotations": [], "mode": "data", "actions": ["read"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"rotations": [], "rotation_maybe": true}
	_findings(changes) == set()
	_undetermined(changes) == {
		_finding("a rotation in this plan may name this secret; which one it names is decided at apply"),
	}
}

test_determined_when_known if _undetermined({"rotations": []}) == set()

_findings(changes) := said if {
	said := missing.findings with input.secrets as [samples.secret(changes)]
		with input.rotations as [samples.rotation({})]
}

_undetermined(changes) := said if {
	said := missing.undetermined with input.secrets as [samples.secret(changes)]
		with input.rotations as [samples.rotation({})]
}

_finding(message) := {"address": "aws_secretsmanager_secret.main", "path": [], "message": message}
