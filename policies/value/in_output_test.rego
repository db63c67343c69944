package secretlint.value.in_output_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.value.in_output

test_reports_output if _findings({}) == {_finding}

test_reports_output_that_is_known_only_after_apply if {
	_findings({"value_source": "reference", "unknown": ["value_source"]}) == {_finding}
}

test_accepts_other_exposures if {
	every kind in ["literal", "in_state", "environment", "user_data", "config_map", "variable_default"] {
		_findings({"kind": kind}) == set()
	}
}

test_accepts_removed_output if _findings({"actions": ["delete"]}) == set()

test_silent_when_nothing_is_exposed if in_output.findings == set() with input.exposures as []

_findings(changes) := said if {
	said := in_output.findings with input.exposures as [samples.exposure(object.union(
		{"kind": "output", "address": "output.password", "type": "output", "path": ["value"]},
		changes,
	))]
}

_finding := {
	"address": "output.password",
	"path": ["value"],
	"message": "this output is a secret value, and the state keeps it",
}
