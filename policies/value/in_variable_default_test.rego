package secretlint.value.in_variable_default_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.value.in_variable_default

test_reports_default_of_a_variable if {
	_findings({}) == {_finding("the default of this variable is a secret value")}
}

test_reports_default_that_its_name_gives_away if {
	_findings({"detector": "secret-name"}) == {_finding("the default of this variable is a secret value")}
}

test_reports_null_and_unknown_after_apply_alike if {
	_findings({"value_source": null, "unknown": ["value_source"]}) == _findings({})
}

test_accepts_other_exposures if {
	every kind in ["literal", "in_state", "environment", "user_data", "output", "config_map", "tag", "ci_variable", "manifest", "parameter"] {
		_findings({"kind": kind}) == set()
	}
}

test_accepts_deleted_variable if _findings({"actions": ["delete"]}) == set()

test_silent_when_nothing_is_exposed if in_variable_default.findings == set() with input.exposures as []

_findings(changes) := said if {
	said := in_variable_default.findings with input.exposures as [samples.exposure(object.union({"kind": "variable_default", "path": ["default"], "address": "var.password", "type": "variable", "mode": "variable"}, changes))]
		with input.terraform_version as "1.15.5"
}

_finding(message) := {"address": "var.password", "path": ["default"], "message": message}
