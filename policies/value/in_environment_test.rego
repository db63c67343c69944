package secretlint.value.in_environment_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.value.in_environment

test_reports_environment_variable if {
	_findings({}) == {_finding("whoever may describe this workload reads a secret value here")}
}

test_reports_config_map if {
	_findings({"kind": "config_map"}) == {_finding("whoever may read this ConfigMap reads a secret value here")}
}

test_reports_value_that_is_known_only_after_apply if {
	_findings({"value_source": null, "unknown": ["value_source"]}) == {
		_finding("whoever may describe this workload reads a secret value here"),
	}
}

test_accepts_other_exposures if {
	every kind in ["literal", "in_state", "user_data", "output", "variable_default"] {
		_findings({"kind": kind}) == set()
	}
}

test_accepts_deleted_workload if _findings({"actions": ["delete"]}) == set()

test_silent_when_nothing_is_exposed if in_environment.findings == set() with input.exposures as []

_findings(changes) := said if {
	said := in_environment.findings with input.exposures as [
		samples.exposure(object.union({"kind": "environment", "path": ["environment", 0, "variables", "DB_PASSWORD"]}, changes)),
	]
}

_finding(message) := {
	"address": "aws_db_instance.main",
	"path": ["environment", 0, "variables", "DB_PASSWORD"],
	"message": message,
}
