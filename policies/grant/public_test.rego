package secretlint.grant.public_test

import rego.v1

import data.secretlint.grant.public
import data.secretlint.lib.samples_test as samples

test_reports_every_public_name if {
	said := {
		"allUsers": "everybody on the internet may read this secret or key",
		"allAuthenticatedUsers": "everybody with a Google account may read this secret or key",
		"group:system:unauthenticated": "anybody who reaches the cluster may read this secret or key",
		"user:system:anonymous": "anybody who reaches the cluster may read this secret or key",
	}
	every principal, message in said { _findings({"principals": [principal]}) == {_finding(message)} }
}

test_reports_public_name_among_others if {
	_findings({"principals": ["group:orders@example.com", "allUsers"], "access": ["read", "administer"]}) == {
		_finding("everybody on the internet may read and administer this secret or key"),
	}
}

test_reports_at_the_member if {
	_findings({"principals": ["allUsers"], "paths": {"principals": ["member"]}}) == {
		object.union(_finding("everybody on the internet may read this secret or key"), {"path": ["member"]}),
	}
}

test_reports_condition_that_is_not_about_the_caller if {
	_findings({"principals": ["allUsers"], "condition_keys": ["request.time"]}) == {
		_finding("everybody on the internet may read this secret or key"),
	}
}

test_accepts_named_member if {
	every principal in ["serviceAccount:orders@example.iam.gserviceaccount.com", "domain:example.com", "*"] {
		_findings({"principals": [principal]}) == set()
	}
}

test_accepts_allowed_principal if {
	public.findings == set() with input.grants as [_grant({"principals": ["allUsers"]})]
		with input.config.thresholds.allowed_principals as ["allUsers"]
}

test_accepts_role_that_reaches_no_secret if _findings({"principals": ["allUsers"], "concerns_secrets": false}) == set()

test_accepts_denial if _findings({"principals": ["allUsers"], "effect": "deny"}) == set()

test_accepts_deleted_binding if _findings({"principals": ["allUsers"], "actions": ["delete"]}) == set()

test_accepts_binding_without_members if _findings({"principals": null}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"principals": null, "unknown": ["principals"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("who may reach this secret or key is decided at apply")}
}

test_leaves_what_is_unknown_elsewhere_to_another_rule if {
	_undetermined({"kind": "resource_policy", "principals": null, "unknown": ["principals"]}) == set()
}

_findings(changes) := said if {
	said := public.findings with input.grants as [_grant(changes)]
}

_undetermined(changes) := said if {
	said := public.undetermined with input.grants as [_grant(changes)]
}

_grant(changes) := samples.grant(object.union({"type": "google_secret_manager_secret_iam_member", "kind": "iam_binding"}, changes))

_finding(message) := {"address": "aws_secretsmanager_secret_policy.main", "path": ["principals"], "message": message}
