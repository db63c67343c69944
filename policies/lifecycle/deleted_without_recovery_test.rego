package secretlint.lifecycle.deleted_without_recovery_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.lifecycle.deleted_without_recovery

test_reports_secret_that_cannot_be_brought_back if {
	_findings({"recoverable": false, "recovery_window_days": 0}) == {
		_finding("this plan deletes the secret, and it cannot be brought back"),
	}
}

test_reports_what_a_store_holds if {
	_findings({"recoverable": false, "kind": "kv_mount"}) == {
		_finding("this plan deletes the mount with all that is in it, and it cannot be brought back"),
	}
	_findings({"recoverable": false, "kind": "key"}) == {
		_finding("this plan deletes the key, and it cannot be brought back"),
	}
}

test_points_to_the_window if {
	changes := {"recoverable": false, "paths": {"recovery_window_days": ["recovery_window_in_days"]}}
	{finding.path | some finding in _findings(changes)} == {["recovery_window_in_days"]}
}

test_accepts_deleted_secret_with_a_recovery_window if _findings({}) == set()

test_accepts_deleted_shell_without_a_value if _findings({"recoverable": false, "holds_value": false}) == set()

test_accepts_deleted_password_of_a_database_that_goes_too if _findings({"recoverable": false, "kind": "password"}) == set()

test_accepts_replacement_which_another_rule_reports if {
	_findings({"recoverable": false, "replaced": true, "actions": ["delete", "create"]}) == set()
}

test_accepts_null if _findings({"recoverable": null, "recovery_window_days": null}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"recoverable": null, "unknown": ["recoverable"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("this plan deletes the secret; whether it can be brought back is decided at apply")}
}

test_determined_when_known if _undetermined({"recoverable": false}) == set()

_findings(changes) := said if {
	said := deleted_without_recovery.findings with input.removals as [samples.removal(changes)]
}

_undetermined(changes) := said if {
	said := deleted_without_recovery.undetermined with input.removals as [samples.removal(changes)]
}

_finding(message) := {"address": "aws_secretsmanager_secret.main", "path": [], "message": message}
