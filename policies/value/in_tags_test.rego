package secretlint.value.in_tags_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.value.in_tags

test_reports_tag if {
	_findings({"detector": "slack-bot-token"}) == {_finding("whoever may list this resource reads a secret value here")}
}

test_reports_encoded_annotation if {
	_findings({"encodings": ["base64"]}) == {
		_finding("whoever may list this resource reads a secret value here, through base64"),
	}
}

test_reports_tag_whose_source_is_unknown_after_apply if {
	_findings({"value_source": null, "unknown": ["value_source"]}) == {
		_finding("whoever may list this resource reads a secret value here"),
	}
}

test_accepts_other_exposures if {
	every kind in ["literal", "in_state", "environment", "user_data", "output", "variable_default", "config_map", "ci_variable", "manifest", "parameter"] {
		_findings({"kind": kind}) == set()
	}
}

test_accepts_deleted_resource if _findings({"actions": ["delete"]}) == set()

test_silent_when_nothing_is_exposed if in_tags.findings == set() with input.exposures as []

_findings(changes) := said if {
	said := in_tags.findings with input.exposures as [samples.exposure(object.union({"kind": "tag", "path": ["tags", "webhook"]}, changes))]
		with input.terraform_version as "1.15.5"
}

_finding(message) := {"address": "aws_db_instance.main", "path": ["tags", "webhook"], "message": message}
