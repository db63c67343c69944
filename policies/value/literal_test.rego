package secretlint.value.literal_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.value.literal

test_reports_literal_password if _findings({}) == {_finding("a secret value is written here")}

test_names_the_write_only_argument if {
	_findings({"write_only_alternative": "password_wo"}) == {object.union(
		_finding("a secret value is written here"),
		{"help": "pass an ephemeral value to `password_wo` instead, and change the value that was written here"},
	)}
}

test_reports_literal_whose_source_is_unknown_after_apply if {
	_findings({"unknown": ["value_source"], "value_source": null}) == {_finding("a secret value is written here")}
}

test_accepts_other_exposures if {
	every kind in [
		"in_state", "environment", "user_data", "output", "variable_default", "config_map", "tag", "ci_variable",
		"manifest", "parameter",
	] {
		_findings({"kind": kind}) == set()
	}
}

test_leaves_special_places_to_their_rules if {
	_findings({"mode": "provider"}) == set()
	_findings({"detector": "url-password"}) == set()
	_findings({"encodings": ["base64"]}) == set()
}

test_accepts_deleted_resource if _findings({"actions": ["delete"]}) == set()

test_silent_when_nothing_is_exposed if literal.findings == set() with input.exposures as []

_findings(changes) := said if {
	said := literal.findings with input.exposures as [samples.exposure(changes)]
}

_finding(message) := {"address": "aws_db_instance.main", "path": ["password"], "message": message}
