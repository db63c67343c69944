package secretlint.lifecycle.replaced_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.lifecycle.replaced

test_reports_replacement_at_what_forces_it if {
	_findings({}) == {_finding(["name"], "a new secret takes the place of this one, without its versions and under another identifier", [])}
}

test_reports_every_attribute_that_forces_it if {
	_findings({"replaced_by": [["name"], ["region"]]}) == {_finding(
		["name"],
		"a new secret takes the place of this one, without its versions and under another identifier",
		[{"path": ["region"], "message": "a change of this replaces it as well"}],
	)}
}

test_reports_replacement_without_a_way_back if {
	_findings({"recoverable": false}) == {_finding(["name"], "a new secret takes the place of this one, whose versions cannot be brought back", [])}
}

test_reports_tainted_resource_as_a_whole if {
	_findings({"replaced_by": [], "kind": "kv_mount"}) == {
		_finding([], "a new mount takes the place of this one, without its versions and under another identifier", []),
	}
}

test_accepts_deleted_secret_which_another_rule_reports if {
	_findings({"replaced": false, "replaced_by": [], "actions": ["delete"]}) == set()
}

test_accepts_shell_without_a_value if _findings({"holds_value": false}) == set()

test_accepts_password_of_a_database_that_is_replaced if _findings({"kind": "password"}) == set()

test_reports_replacement_whose_recovery_is_null if count(_findings({"recoverable": null})) == 1

# What is replaced is known: nothing about it is decided at apply, whatever the new one will be.
test_reports_replacement_by_what_is_known_after_apply if {
	count(_findings({"recoverable": null, "unknown": ["recoverable", "name"]})) == 1
}

_findings(changes) := said if {
	said := replaced.findings with input.removals as [_removal(changes)]
}

_removal(changes) := samples.removal(object.union(
	{"replaced": true, "replaced_by": [["name"]], "actions": ["delete", "create"]},
	changes,
))

_finding(path, message, labels) := {
	"address": "aws_secretsmanager_secret.main",
	"path": path,
	"message": message,
	"labels": labels,
}
