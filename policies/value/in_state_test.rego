package secretlint.value.in_state_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.value.in_state

test_reports_value_that_comes_from_elsewhere if _findings({}) == {_finding}

test_reports_when_the_source_is_unknown_after_apply if _findings({"value_source": null}) == {_finding}

test_names_the_write_only_argument if {
	_findings({"write_only_alternative": "password_wo"}) == {object.union(
		_finding,
		{"help": "`password_wo` keeps the value out of the state"},
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

test_accepts_computed_attribute_beside_a_write_only_argument if {
	exposure := samples.exposure({"kind": "in_state", "address": "aws_ssm_parameter.main", "path": ["value"], "value_source": null})
	secret := samples.secret({"address": "aws_ssm_parameter.main", "value_source": "write_only"})
	in_state.findings == set() with input.exposures as [exposure] with input.secrets as [secret]
}

test_reports_value_that_is_written_beside_a_write_only_argument if {
	secret := samples.secret({"address": "aws_db_instance.main", "value_source": "write_only"})
	exposure := samples.exposure({"kind": "in_state", "value_source": "reference"})
	in_state.findings == {_finding} with input.exposures as [exposure] with input.secrets as [secret]
}

test_reports_generated_value_without_its_hash if {
	result := {"kind": "in_state", "path": ["result"], "value_source": null, "write_only_alternative": "ephemeral random_password"}
	hash := {"kind": "in_state", "path": ["bcrypt_hash"], "value_source": null}
	said := in_state.findings with input.exposures as [samples.exposure(hash), samples.exposure(result)]
	{finding.path | some finding in said} == {["result"]}
}

test_accepts_other_exposures if {
	every kind in ["literal", "environment", "user_data", "output", "config_map", "variable_default"] {
		_findings({"kind": kind}) == set()
	}
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
