package secretlint.value.in_kubernetes_manifest_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.value.in_kubernetes_manifest

test_reports_manifest if _findings({}) == {_finding("this manifest holds a secret value")}

test_reports_base64_under_data if {
	_findings({"encodings": ["yaml", "base64"]}) == {
		_finding("this manifest holds a secret value, through yaml and base64"),
	}
}

test_reports_value_that_is_known_only_after_apply if {
	_findings({"value_source": null, "unknown": ["value_source"]}) == {_finding("this manifest holds a secret value")}
}

test_names_the_write_only_argument if {
	_findings({"write_only_alternative": "set_wo"}) == {object.union(
		_finding("this manifest holds a secret value"),
		{"help": "`set_wo` keeps the value out of the state"},
	)}
}

test_accepts_null_as_no_write_only_argument if {
	_findings({"write_only_alternative": null}) == {_finding("this manifest holds a secret value")}
}

test_accepts_other_exposures if {
	every kind in ["literal", "in_state", "environment", "user_data", "output", "variable_default", "config_map", "tag", "ci_variable", "parameter"] {
		_findings({"kind": kind}) == set()
	}
}

test_accepts_deleted_manifest if _findings({"actions": ["delete"]}) == set()

test_silent_when_nothing_is_exposed if in_kubernetes_manifest.findings == set() with input.exposures as []

_findings(changes) := said if {
	said := in_kubernetes_manifest.findings with input.exposures as [samples.exposure(object.union({"kind": "manifest", "path": ["manifest", "stringData", "password"]}, changes))]
		with input.terraform_version as "1.15.5"
}

_finding(message) := {"address": "aws_db_instance.main", "path": ["manifest", "stringData", "password"], "message": message}
