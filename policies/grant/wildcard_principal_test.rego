package secretlint.grant.wildcard_principal_test

import rego.v1

import data.secretlint.grant.wildcard_principal
import data.secretlint.lib.samples_test as samples

test_reports_star if {
	_findings({"principals": ["*"]}) == {_finding("anybody may read this secret or key")}
}

test_reports_star_among_names_once if {
	_findings({"principals": ["arn:aws:iam::123456789012:role/orders", "*"]}) == {
		_finding("anybody may read this secret or key"),
	}
}

test_reports_everybody_in_the_cluster if {
	_findings({"kind": "rbac_binding", "principals": ["group:system:authenticated"], "access": ["read", "write"]}) == {
		_finding("everybody who has logged in to the cluster may read and write this secret or key"),
	}
}

test_leaves_public_and_negated_principals_to_their_rules if {
	every principal in ["allUsers", "allAuthenticatedUsers", "group:system:unauthenticated", "user:system:anonymous"] {
		_findings({"principals": [principal]}) == set()
	}
	_findings({"principals": ["arn:aws:iam::123456789012:user/intern"], "negated": ["principals"]}) == set()
	_findings({"principals": ["*"], "negated": ["principals"]}) == set()
}

test_accepts_allowed_principal if {
	wildcard_principal.findings == set() with input.grants as [samples.grant({"principals": ["group:system:authenticated"]})]
		with input.config.thresholds.allowed_principals as ["group:system:authenticated"]
}

test_reports_condition_that_says_nothing_about_the_caller if {
	_findings({"principals": ["*"], "condition_keys": ["aws:securetransport"]}) == {
		_finding("anybody may read this secret or key"),
	}
}

test_points_into_the_policy_document if {
	place := ["policy", "Statement", 0, "Principal"]
	_findings({"principals": ["*"], "paths": {"principals": place}}) == {
		object.union(_finding("anybody may read this secret or key"), {"path": place}),
	}
}

test_accepts_named_role if _findings({}) == set()

test_accepts_star_with_condition_on_the_caller if {
	_findings({"principals": ["*"], "condition_keys": ["aws:principalorgid"]}) == set()
}

test_accepts_denial if _findings({"effect": "deny", "principals": ["*"]}) == set()

test_accepts_statement_about_something_else if _findings({"principals": ["*"], "concerns_secrets": false}) == set()

test_accepts_deleted_policy if _findings({"principals": ["*"], "actions": ["delete"]}) == set()

test_accepts_identity_policy_without_principals if {
	changes := {"kind": "identity_policy", "principals": null, "unknown": ["principals"]}
	_findings(changes) == set()
	_undetermined(changes) == set()
}

test_undetermined_when_unknown_after_apply if {
	changes := {"principals": null, "unknown": ["principals"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("who may reach this secret or key is decided at apply")}
}

test_reports_role_that_anybody_may_take_on if {
	said := _finding("anybody may take on this role, and has what it may do")
	trust := {"kind": "trust_policy", "concerns_secrets": false, "principals": ["*"]}
	_findings(trust) == {said}
	_findings(object.union(trust, {"condition_keys": ["aws:principalorgid"]})) == set()
	_findings(object.union(trust, {"effect": "deny"})) == set()
	_findings(object.union(trust, {"negated": ["principals"]})) == set()
	_findings(object.union(trust, {"principals": ["service:ec2.amazonaws.com"]})) == set()
}

test_determined_when_known if _undetermined({"principals": ["*"]}) == set()

_findings(changes) := said if {
	said := wildcard_principal.findings with input.grants as [samples.grant(changes)]
}

_undetermined(changes) := said if {
	said := wildcard_principal.undetermined with input.grants as [samples.grant(changes)]
}

_finding(message) := {
	"address": "aws_secretsmanager_secret_policy.main",
	"path": ["principals"],
	"message": message,
}
