package secretlint.value.plain_parameter_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.value.plain_parameter

test_reports_parameter if {
	_findings({}) == {_finding("this setting is a secret value, and is kept as plain text")}
}

test_reports_encoded_parameter if {
	_findings({"encodings": ["base64"]}) == {
		_finding("this setting is a secret value, and is kept as plain text, through base64"),
	}
}

test_reports_value_that_is_known_only_after_apply if {
	_findings({"value_source": null, "unknown": ["value_source"]}) == {
		_finding("this setting is a secret value, and is kept as plain text"),
	}
}

test_accepts_other_exposures if {
	every kind in ["literal", "in_state", "environment", "user_data", "output", "variable_default", "config_map", "tag", "ci_variable", "manifest"] {
		_findings({"kind": kind}) == set()
	}
}

test_accepts_deleted_parameter if _findings({"actions": ["delete"]}) == set()

test_silent_when_nothing_is_exposed if plain_parameter.findings == set() with input.exposures as []

_findings(changes) := said if {
	said := plain_parameter.findings with input.exposures as [samples.exposure(object.union({"kind": "parameter", "path": ["value"]}, changes))]
		with input.terraform_version as "1.15.5"
}

_finding(message) := {"address": "aws_db_instance.main", "path": ["value"], "message": message}
