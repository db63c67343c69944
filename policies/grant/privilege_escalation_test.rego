package secretlint.grant.privilege_escalation_test

import rego.v1

import data.secretlint.grant.privilege_escalation
import data.secretlint.lib.samples_test as samples

test_reports_way_to_more if {
	_findings({}) == {_finding("actions_allowed", "with `iam:PassRole` the holder can give itself more than this says, any secret included")}
}

test_reports_many_ways_in_one_sentence if {
	_findings({"escalations": ["bind", "escalate", "impersonate"]}) == {_finding(
		"actions_allowed",
		"with `bind`, `escalate`, `impersonate` the holder can give itself more than this says, any secret included",
	)}
	_findings({"escalations": ["a", "b", "c", "d", "e"]}) == {_finding(
		"actions_allowed",
		"with `a`, `b` and 3 more actions the holder can give itself more than this says, any secret included",
	)}
}

test_reports_role if {
	role := "roles/iam.serviceAccountTokenCreator"
	_findings({"kind": "iam_binding", "role": role, "escalations": [role], "paths": {"role": ["role"]}}) == {_finding(
		"role",
		"with `roles/iam.serviceAccountTokenCreator` the holder can give itself more than this says, any secret included",
	)}
}

test_reports_policy_of_a_secret_among_other_actions if {
	changes := {
		"concerns_secrets": true, "escalations": ["secretsmanager:PutResourcePolicy"],
		"actions_allowed": ["kms:*", "secretsmanager:PutResourcePolicy"],
	}
	_findings(changes) == {_finding(
		"actions_allowed",
		"with `secretsmanager:PutResourcePolicy` the holder can give itself more than this says, any secret included",
	)}
}

test_reports_condition_that_confines_nothing if {
	count(_findings({"condition_keys": ["aws:multifactorauthpresent"]})) == 1
}

test_accepts_grant_without_a_way_to_more if _findings({"escalations": []}) == set()

test_accepts_boundary_service_or_tag if {
	every key in ["iam:permissionsboundary", "iam:passedtoservice", "kms:grantisforawsresource", "aws:resourcetag/team"] {
		_findings({"condition_keys": [key]}) == set()
	}
}

test_leaves_to_other_rules_what_they_say if {
	_findings({"administrator": true}) == set()
	_findings({"negated": ["actions"], "concerns_secrets": true}) == set()
	_findings({"actions_allowed": ["*"], "concerns_secrets": true}) == set()
	_findings({"actions_allowed": ["*:*"], "concerns_secrets": true}) == set()
	_findings({"actions_allowed": ["kms:*"], "concerns_secrets": true, "escalations": ["kms:PutKeyPolicy"]}) == set()
	_findings({"role": "roles/secretmanager.admin", "escalations": ["secretmanager.secrets.setIamPolicy"]}) == set()
}

test_reports_wildcard_that_is_about_no_secret if {
	_findings({"actions_allowed": ["*"]}) == {_finding(
		"actions_allowed",
		"with `iam:PassRole` the holder can give itself more than this says, any secret included",
	)}
}

test_leaves_binding_to_its_role if {
	_findings({"kind": "rbac_binding", "statement": "clusterrole:granter", "escalations": ["bind"]}) == set()
}

test_accepts_denial if _findings({"effect": "deny"}) == set()

test_accepts_deleted_policy if _findings({"actions": ["delete"]}) == set()

test_accepts_null_role if count(_findings({"role": null, "escalations": []})) == 0

test_undetermined_when_unknown_after_apply if {
	changes := {"escalations": [], "unknown": ["escalations"]}
	_findings(changes) == set()
	_undetermined(changes) == {
		_finding("actions_allowed", "whether the holder can give itself more than this says is decided at apply"),
	}
}

test_determined_when_known if _undetermined({}) == set()

_findings(changes) := said if {
	said := privilege_escalation.findings with input.grants as [_grant(changes)]
}

_undetermined(changes) := said if {
	said := privilege_escalation.undetermined with input.grants as [_grant(changes)]
}

_grant(changes) := samples.grant(object.union(
	{
		"kind": "identity_policy", "principals": null, "concerns_secrets": false, "access": [],
		"actions_allowed": ["iam:PassRole"], "resources": ["*"], "escalations": ["iam:PassRole"],
	},
	changes,
))

_finding(field, message) := {"address": "aws_secretsmanager_secret_policy.main", "path": [field], "message": message}
