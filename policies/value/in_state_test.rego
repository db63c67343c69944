package secretlint.value.in_state_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.value.in_state

test_reports_value_that_comes_from_elsewhere if _findings({}) == {_finding}

test_reports_when_the_source_is_unknown_after_apply if _findings({"value_source": null}) == {_finding}

test_names_the_write_only_argument_of_a_later_terraform if {
	_findings({"write_only_alternative": "password_wo"}) == {object.union(
		_finding,
		{"help": "from Terraform 1.11 on, `password_wo` keeps the value out of the state"},
	)}
}

test_leaves_literals_to_the_rule_on_literals if {
	_findings({"value_source": "literal"}) == set()
	in_state.findings == set() with input.exposures as [
		samples.exposure({"kind": "literal"}),
		samples.exposure({"kind": "in_state", "value_source": null}),
	]
}

test_reports_beside_a_literal_elsewhere_in_the_resource if {
	in_state.findings == {_finding} with input.exposures as [
		samples.exposure({"kind": "literal", "path": ["username"]}),
		samples.exposure({"kind": "in_state", "value_source": null}),
	]
}

test_accepts_other_exposures if {
	every kind in [
		"literal", "environment", "user_data", "output", "variable_default", "config_map", "tag", "ci_variable",
		"manifest", "parameter",
	] {
		_findings({"kind": kind}) == set()
	}
}

test_leaves_special_places_to_their_rules if {
	_findings({"detector": "url-password"}) == set()
	_findings({"encodings": ["base64"]}) == set()
	in_state.findings == set() with input.exposures as [
		samples.exposure({"kind": "in_state", "value_source": "reference", "write_only_alternative": "password_wo"}),
	]
		with input.terraform_version as "1.11.0"
}

test_accepts_deleted_resource if _findings({"actions": ["delete"]}) == set()

test_silent_when_nothing_is_exposed if in_state.findings == set() with input.exposures as []

_findings(changes) := said if {
	said := in_state.findings with input.exposures as [
		samples.exposure(object.union({"kind": "in_state", "value_source": "reference"}, changes)),
	]
}

_finding := {
	"address": "aws_db_instance.main",
	"path": ["password"],
	"message": "a secret value is kept in the state here",
}
