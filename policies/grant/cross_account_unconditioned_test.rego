package secretlint.grant.cross_account_unconditioned_test

import rego.v1

import data.secretlint.grant.cross_account_unconditioned
import data.secretlint.lib.samples_test as samples

test_reports_another_account if {
	_findings({}) == {_finding("`arn:aws:iam::210987654321:root`, of another account, may read this secret or key without a condition")}
}

test_reports_each_principal if {
	count(_findings({"foreign_principals": ["arn:aws:iam::210987654321:root", "arn:aws:iam::210987654321:role/x"]})) == 2
}

test_reports_trust_of_another_account if {
	_findings({"kind": "trust_policy", "concerns_secrets": false}) == {
		_finding("`arn:aws:iam::210987654321:root`, of another account, may take on this role without a condition"),
	}
}

test_reports_another_project_and_tenant if {
	member := "serviceAccount:ci@supplier.iam.gserviceaccount.com"
	_findings({"platform": "google", "foreign_principals": [member]}) == {
		_finding(sprintf("`%s`, of another project, may read this secret or key without a condition", [member])),
	}
	tenant := "11111111-2222-3333-4444-555555555555"
	_findings({"platform": "azure", "foreign_principals": [tenant]}) == {
		_finding(sprintf("`%s`, of another tenant, may read this secret or key without a condition", [tenant])),
	}
}

test_reports_condition_that_is_not_about_the_caller if {
	count(_findings({"condition_keys": ["aws:securetransport", "kms:viaservice"]})) == 1
	count(_findings({"condition_keys": ["aws:multifactorauthpresent"]})) == 1
}

test_accepts_own_principals if _findings({"foreign_principals": []}) == set()

test_accepts_condition_on_the_caller if {
	every key in ["aws:principalorgid", "aws:sourcearn", "sts:externalid", "aws:sourcevpce"] {
		_findings({"condition_keys": [key]}) == set()
	}
}

test_accepts_trust_with_a_second_factor if {
	_findings({"kind": "trust_policy", "condition_keys": ["aws:multifactorauthpresent"]}) == set()
}

test_accepts_trusted_account if {
	cross_account_unconditioned.findings == set() with input.grants as [_grant({})]
		with input.config.thresholds.trusted_accounts as ["210987654321"]
}

test_accepts_allowed_principal if {
	cross_account_unconditioned.findings == set() with input.grants as [_grant({})]
		with input.config.thresholds.allowed_principals as ["arn:aws:iam::210987654321:*"]
}

test_leaves_negation_to_its_rule if _findings({"negated": ["principals"]}) == set()

test_accepts_statement_about_something_else if _findings({"concerns_secrets": false}) == set()

test_accepts_denial if _findings({"effect": "deny"}) == set()

test_accepts_deleted_policy if _findings({"actions": ["delete"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"principals": null, "foreign_principals": [], "unknown": ["principals", "foreign_principals"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("whether this is for another account is decided at apply")}
}

test_leaves_null_and_unknown_principals_to_another_rule if {
	_undetermined({"principals": null, "foreign_principals": [], "unknown": ["principals"]}) == set()
}

_findings(changes) := said if {
	said := cross_account_unconditioned.findings with input.grants as [_grant(changes)]
}

_undetermined(changes) := said if {
	said := cross_account_unconditioned.undetermined with input.grants as [_grant(changes)]
}

_grant(changes) := samples.grant(object.union(
	{"principals": ["arn:aws:iam::210987654321:root"], "foreign_principals": ["arn:aws:iam::210987654321:root"]},
	changes,
))

_finding(message) := {
	"address": "aws_secretsmanager_secret_policy.main",
	"path": ["principals"],
	"message": message,
}
