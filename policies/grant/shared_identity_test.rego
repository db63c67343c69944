package secretlint.grant.shared_identity_test

import rego.v1

import data.secretlint.grant.shared_identity
import data.secretlint.lib.samples_test as samples

test_reports_default_accounts if {
	names := {
		"serviceAccount:123456789012-compute@developer.gserviceaccount.com": "the default service account of Compute Engine",
		"serviceAccount:orders-prod@appspot.gserviceaccount.com": "the default service account of App Engine",
		"serviceAccount:123456789012@cloudbuild.gserviceaccount.com": "the default service account of Cloud Build",
		"data.google_compute_default_service_account.default": "the default service account of Compute Engine",
		"data.google_app_engine_default_service_account.a": "the default service account of App Engine",
		"serviceaccount:orders/default": "the default service account of the namespace",
		"group:system:serviceaccounts:orders": "every service account of the namespace",
	}
	every principal, name in names {
		_findings({"principals": [principal]}) == {
			_finding("principals", sprintf("%s may read this, and so may everything that runs as it", [name])),
		}
	}
}

test_reports_default_policy_of_vault if {
	changes := {"kind": "acl_policy", "role": "default", "principals": null, "access": ["read", "write"]}
	_findings(changes) == {
		_finding("resources", "Vault's policy `default` may read and write this, and every token has it"),
	}
}

test_accepts_identity_of_one_workload if {
	every principal in [
		"serviceAccount:orders@example.iam.gserviceaccount.com",
		"serviceaccount:orders/orders",
		"serviceaccount:default/orders",
		"arn:aws:iam::123456789012:role/default",
		"google_service_account.default",
		"group:system:serviceaccounts",
	] {
		_findings({"principals": [principal]}) == set()
	}
	_findings({"kind": "acl_policy", "role": "orders", "principals": null}) == set()
	_findings({"role": "default"}) == set()
}

test_accepts_allowed_principal if {
	shared_identity.findings == set() with input.grants as [samples.grant({"principals": ["serviceaccount:orders/default"]})]
		with input.config.thresholds.allowed_principals as ["serviceaccount:orders/default"]
}

test_accepts_grant_about_something_else if {
	_findings({"principals": ["serviceaccount:orders/default"], "concerns_secrets": false}) == set()
	_findings({"kind": "acl_policy", "role": "default", "principals": null, "concerns_secrets": false}) == set()
}

test_accepts_denial if _findings({"principals": ["serviceaccount:orders/default"], "effect": "deny"}) == set()

test_accepts_deleted_binding if _findings({"principals": ["serviceaccount:orders/default"], "actions": ["delete"]}) == set()

test_accepts_null_principals if _findings({"principals": null}) == set()

# Who cannot be told is said by the rules on who.
test_silent_when_unknown_after_apply if _findings({"principals": null, "unknown": ["principals"]}) == set()

_findings(changes) := said if {
	said := shared_identity.findings with input.grants as [samples.grant(changes)]
}

_finding(field, message) := {"address": "aws_secretsmanager_secret_policy.main", "path": [field], "message": message}
