package secretlint.lifecycle.no_description_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.lifecycle.no_description

test_reports_null if _findings({"description": null}) == {_finding("nothing says what this secret is for")}

test_reports_empty_description if _findings({"description": ""}) == {_finding("nothing says what this secret is for")}

test_points_to_the_attribute if {
	{finding.path | some finding in _findings({"description": null, "paths": {"description": ["content_type"]}})} == {["content_type"]}
}

test_accepts_description if _findings({}) == set()

test_accepts_store_without_descriptions if _findings({"description": null, "description_supported": false}) == set()

test_accepts_password_of_another_resource if _findings({"description": null, "kind": "password"}) == set()

test_accepts_deleted_secret if _findings({"description": null, "actions": ["delete"]}) == set()

test_accepts_secret_that_is_only_read if _findings({"description": null, "mode": "data", "actions": ["read"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"description": null, "unknown": ["description"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("what is said about this secret is decided at apply")}
}

test_determined_when_known if _undetermined({"description": null}) == set()

_findings(changes) := said if {
	said := no_description.findings with input.secrets as [samples.secret(changes)]
}

_undetermined(changes) := said if {
	said := no_description.undetermined with input.secrets as [samples.secret(changes)]
}

_finding(message) := {"address": "aws_secretsmanager_secret.main", "path": [], "message": message}
