package {{package}}_test

import rego.v1

import data.{{package}}
{{samples_import}}
test_reports_missing_description if {
	_findings({"description": null}) == {_finding("nobody can tell from its description what this secret is for")}
}

test_reports_empty_description if {
	_findings({"description": ""}) == {_finding("nobody can tell from its description what this secret is for")}
}

test_accepts_description if {
	_findings({}) == set()
	_undetermined({}) == set()
}

test_accepts_deleted_secret if _findings({"description": null, "actions": ["delete"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"description": null, "unknown": ["description"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("the description of this secret is decided at apply")}
}

_findings(changes) := said if {
	said := {{rule}}.findings with input.secrets as [{{sample}}]
}

_undetermined(changes) := said if {
	said := {{rule}}.undetermined with input.secrets as [{{sample}}]
}

_finding(message) := {
	"address": "aws_secretsmanager_secret.main",
	"path": ["description"],
	"message": message,
}
