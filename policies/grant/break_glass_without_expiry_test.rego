package secretlint.grant.break_glass_without_expiry_test

import rego.v1

import data.secretlint.grant.break_glass_without_expiry
import data.secretlint.lib.samples_test as samples

test_reports_by_reason if {
	every reason in ["Break glass for the orders database", "emergency", "Fire-call access"] {
		_findings({"reason": reason}) == {_finding("this is for an emergency, and may read for ever")}
	}
}

test_reports_by_address_statement_and_role if {
	_findings({"statement": "BreakGlassRead"}) == {_finding("this is for an emergency, and may read for ever")}
	_findings({"role": "projects/x/roles/emergencyAccess"}) == {_finding("this is for an emergency, and may read for ever")}
	_findings({"address": "aws_iam_policy.break_glass"}) == {object.union(
		_finding("this is for an emergency, and may read for ever"),
		{"address": "aws_iam_policy.break_glass"},
	)}
}

test_reports_where_the_end_would_stand if {
	_findings({"reason": "break-glass", "access": ["read", "administer"], "paths": {"expires_at": ["expires_at"]}}) == {object.union(
		_finding("this is for an emergency, and may read and administer for ever"),
		{"path": ["expires_at"]},
	)}
}

test_reports_condition_without_a_time if {
	_findings({"reason": "break-glass", "condition_keys": ["aws:principalorgid"]}) == {
		_finding("this is for an emergency, and may read for ever"),
	}
}

test_accepts_grant_that_ends if _findings({"reason": "break-glass", "expires_at": "2026-12-01T00:00:00Z"}) == set()

test_accepts_condition_on_the_time if {
	every key in ["aws:currenttime", "aws:multifactorauthage", "request.time"] {
		_findings({"reason": "break-glass", "condition_keys": [key]}) == set()
	}
}

test_accepts_other_grants if {
	_findings({}) == set()
	_findings({"reason": "Nightly report"}) == set()
	_findings({"reason": null, "role": null, "statement": null}) == set()
	_findings({"address": "module.emergency_department.aws_secretsmanager_secret_policy.main"}) == set()
	_findings({"statement": "GlassFactory"}) == set()
}

test_accepts_grant_about_something_else if _findings({"reason": "break-glass", "concerns_secrets": false}) == set()

test_accepts_denial if _findings({"statement": "DenyAllButBreakGlass", "effect": "deny"}) == set()

test_accepts_deleted_grant if _findings({"reason": "break-glass", "actions": ["delete"]}) == set()

test_silent_when_the_end_is_unknown_after_apply if {
	changes := {"reason": "break-glass", "expires_at": null, "unknown": ["expires_at"]}
	_findings(changes) == set()
	_undetermined(changes) == set()
}

test_undetermined_when_the_condition_is_unknown_after_apply if {
	changes := {"address": "aws_iam_policy.break_glass", "unknown": ["condition_keys"]}
	_findings(changes) == set()
	_undetermined(changes) == {object.union(
		_finding("whether this emergency access ends is decided at apply"),
		{"address": "aws_iam_policy.break_glass"},
	)}
}

_findings(changes) := said if {
	said := break_glass_without_expiry.findings with input.grants as [samples.grant(changes)]
}

_undetermined(changes) := said if {
	said := break_glass_without_expiry.undetermined with input.grants as [samples.grant(changes)]
}

_finding(message) := {
	"address": "aws_secretsmanager_secret_policy.main",
	"path": ["actions_allowed"],
	"message": message,
}
