package secretlint.value.in_ci_variable_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.value.in_ci_variable

test_reports_variable_that_is_not_masked if {
	_findings({"hidden": false}) == {_finding("whoever reads the settings or logs of this CI system sees a secret value here")}
}

test_reports_literal_that_is_masked if {
	_findings({"hidden": true}) == {
		_finding("a secret value is written here and given to every job that may use this variable"),
	}
}

test_reports_masked_value_from_elsewhere if {
	_findings({"hidden": true, "value_source": "reference"}) == {_kept}
}

test_reports_when_masking_is_null_or_unknown_after_apply if {
	_findings({"hidden": null, "value_source": "reference"}) == {_kept}
	_findings({"hidden": null, "value_source": null, "unknown": ["hidden", "value_source"]}) == {_kept}
}

test_names_the_write_only_argument if {
	_findings({"write_only_alternative": "value_wo", "hidden": true, "value_source": "reference"}) == {object.union(
		_kept,
		{"help": "`value_wo` keeps the value out of the state"},
	)}
}

_kept := _finding("a secret value is kept in the state here and given to every job that may use this variable")

test_accepts_other_exposures if {
	every kind in ["literal", "in_state", "environment", "user_data", "output", "variable_default", "config_map", "tag", "manifest", "parameter"] {
		_findings({"kind": kind}) == set()
	}
}

test_accepts_deleted_variable if _findings({"actions": ["delete"]}) == set()

test_silent_when_nothing_is_exposed if in_ci_variable.findings == set() with input.exposures as []

_findings(changes) := said if {
	said := in_ci_variable.findings with input.exposures as [samples.exposure(object.union({"kind": "ci_variable", "path": ["value"]}, changes))]
		with input.terraform_version as "1.15.5"
}

_finding(message) := {"address": "aws_db_instance.main", "path": ["value"], "message": message}
