package secretlint.grant.administrator_test

import rego.v1

import data.secretlint.grant.administrator
import data.secretlint.lib.samples_test as samples

test_reports_everything_on_everything if {
	_findings({}) == {_finding("actions_allowed", "whoever has this may do everything in the account, reading every secret included")}
}

test_reports_role_with_who_has_it if {
	changes := {
		"kind": "iam_binding", "role": "roles/owner", "scope": "project",
		"principals": ["user:dev@example.com"], "paths": {"role": ["role"]},
	}
	_findings(changes) == {_finding(
		"role",
		"`user:dev@example.com`, with `roles/owner`, may do everything in the project, reading every secret included",
	)}
}

test_reports_role_of_many if {
	changes := {"role": "Owner", "scope": "subscription", "principals": ["a", "b", "c"], "paths": {"role": ["role_definition_name"]}}
	_findings(changes) == {object.union(
		_finding("role", "whoever has `Owner` may do everything in the subscription, reading every secret included"),
		{"path": ["role_definition_name"]},
	)}
}

test_reports_binding_of_cluster_admin if {
	changes := {
		"kind": "rbac_binding", "statement": "clusterrole:cluster-admin", "scope": "cluster",
		"principals": ["serviceaccount:ci/deploy"],
	}
	_findings(changes) == {
		_finding("access", "`serviceaccount:ci/deploy` may do everything in the cluster, reading every secret included"),
	}
}

test_reports_policy_that_does_not_concern_secrets_by_name if {
	_findings({"concerns_secrets": false}) == {
		_finding("actions_allowed", "whoever has this may do everything in the account, reading every secret included"),
	}
}

test_accepts_smaller_grant if _findings({"administrator": false}) == set()

test_accepts_denial if _findings({"effect": "deny"}) == set()

test_leaves_binding_to_its_role if {
	_findings({"kind": "rbac_binding", "statement": "clusterrole:everything"}) == set()
}

test_accepts_deleted_policy if _findings({"actions": ["delete"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"administrator": false, "actions_allowed": [], "unknown": ["administrator", "actions_allowed"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("actions_allowed", "whether this allows everything is decided at apply")}
}

test_undetermined_when_role_of_binding_is_decided_at_apply if {
	changes := {"kind": "rbac_binding", "statement": "clusterrole:", "administrator": false, "unknown": ["administrator"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("access", "whether this allows everything is decided at apply")}
}

test_determined_when_known if _undetermined({}) == set()

_findings(changes) := said if {
	said := administrator.findings with input.grants as [_grant(changes)]
}

_undetermined(changes) := said if {
	said := administrator.undetermined with input.grants as [_grant(changes)]
}

_grant(changes) := samples.grant(object.union(
	{"kind": "identity_policy", "principals": null, "actions_allowed": ["*"], "resources": ["*"], "administrator": true},
	changes,
))

_finding(field, message) := {"address": "aws_secretsmanager_secret_policy.main", "path": [field], "message": message}
