package secretlint.grant.project_wide_test

import rego.v1

import data.secretlint.grant.project_wide
import data.secretlint.lib.samples_test as samples

test_reports_every_wide_scope if {
	names := {
		"project": "the project", "folder": "the folder", "organization": "the organisation",
		"subscription": "the subscription", "management_group": "the management group",
	}
	every scope, name in names {
		_findings({"scope": scope}) == {
			_finding(sprintf("whoever has `roles/secretmanager.secretAccessor` may read every secret or key of %s", [name])),
		}
	}
}

test_reports_resource_group_for_readers if {
	_findings({"scope": "resource_group", "role": "Key Vault Secrets User"}) == {
		_finding("whoever has `Key Vault Secrets User` may read every secret of whatever vault is in the resource group"),
	}
}

test_reports_grant_without_role if {
	_findings({"role": null, "access": ["read", "write"], "paths": {}}) == {object.union(
		_finding("whoever has this may read and write every secret or key of the project"),
		{"path": ["actions_allowed"]},
	)}
}

test_reports_condition_that_does_not_say_which if {
	_findings({"condition_keys": ["request.time", "resource.type"]}) == {
		_finding("whoever has `roles/secretmanager.secretAccessor` may read every secret or key of the project"),
	}
}

test_accepts_role_on_one_secret_or_vault if {
	every scope in ["secret", "key", "store", "namespace", null] { _findings({"scope": scope}) == set() }
}

test_accepts_resource_group_for_those_who_do_not_read if {
	_findings({"scope": "resource_group", "access": ["administer"]}) == set()
}

test_accepts_role_that_describes if {
	_findings({"role": "roles/secretmanager.viewer", "access": ["describe"]}) == set()
}

test_accepts_condition_on_the_secret if {
	_findings({"condition_keys": ["resource.name"]}) == set()
	_findings({"scope": "resource_group", "condition_keys": ["resource.matchtag"]}) == set()
}

test_leaves_administrators_and_decryption_to_their_rules if {
	_findings({"administrator": true}) == set()
	_findings({"decrypts_only": true}) == set()
}

test_accepts_role_about_something_else if _findings({"concerns_secrets": false}) == set()

test_accepts_deleted_binding if _findings({"actions": ["delete"]}) == set()

test_accepts_null_role_on_nothing if _findings({"role": null, "scope": null}) == set()

test_undetermined_when_the_role_is_unknown_after_apply if {
	changes := {"role": null, "access": ["describe"], "unknown": ["role"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("which role this gives is decided at apply")}
}

test_undetermined_when_the_scope_is_unknown_after_apply if {
	changes := {"scope": null, "unknown": ["scope"]}
	_findings(changes) == set()
	_undetermined(changes) == {object.union(_finding("on what this role is given is decided at apply"), {"path": ["scope"]})}
}

test_determined_when_known if _undetermined({}) == set()

_findings(changes) := said if {
	said := project_wide.findings with input.grants as [_grant(changes)]
}

_undetermined(changes) := said if {
	said := project_wide.undetermined with input.grants as [_grant(changes)]
}

# Set whole and not united, so that a test can take a path away.
_grant(changes) := samples.grant(object.union(
	{
		"kind": "iam_binding", "role": "roles/secretmanager.secretAccessor", "scope": "project",
		"paths": object.get(changes, "paths", {"role": ["role"]}),
	},
	object.remove(changes, ["paths"]),
))

_finding(message) := {"address": "aws_secretsmanager_secret_policy.main", "path": ["role"], "message": message}
