package secretlint.grant.negated_test

import rego.v1

import data.secretlint.grant.negated
import data.secretlint.lib.samples_test as samples

test_reports_not_action if {
	_findings({"actions_allowed": ["secretsmanager:DeleteSecret"], "negated": ["actions"]}) == {
		_finding("actions_allowed", "every action is allowed but those named"),
	}
}

test_reports_not_principal if {
	_findings({"principals": ["arn:aws:iam::123456789012:user/intern"], "negated": ["principals"]}) == {
		_finding("principals", "anybody but the principals named may read this secret or key"),
	}
}

test_reports_not_resource if {
	_findings({"kind": "identity_policy", "principals": null, "negated": ["resources"]}) == {
		_finding("resources", "may read every secret or key but those named"),
	}
}

test_reports_each_negation_at_its_place if {
	_findings({"kind": "identity_policy", "principals": null, "negated": ["actions", "resources"]}) == {
		_finding("actions_allowed", "every action is allowed but those named"),
		_finding("resources", "may read every secret or key but those named"),
	}
}

test_reports_condition_that_confines_something_else if {
	_findings({"negated": ["principals"], "condition_keys": ["aws:securetransport"]}) == {
		_finding("principals", "anybody but the principals named may read this secret or key"),
	}
}

test_leaves_attached_policy_of_the_platform_to_its_rule if {
	paths := {"actions_allowed": ["policy_arn"], "resources": ["policy_arn"]}
	_findings({"kind": "identity_policy", "principals": null, "negated": ["actions"], "paths": paths}) == set()
}

test_accepts_statement_that_names_what_it_allows if _findings({}) == set()

test_accepts_denial if {
	every part in ["actions", "principals", "resources"] { _findings({"effect": "deny", "negated": [part]}) == set() }
}

test_accepts_negation_that_a_condition_confines if {
	_findings({"negated": ["principals"], "condition_keys": ["aws:principalorgid"]}) == set()
	_findings({"kind": "identity_policy", "negated": ["resources"], "condition_keys": ["aws:resourcetag/owner"]}) == set()
}

test_accepts_not_resource_in_the_policy_of_one_secret if {
	_findings({"kind": "resource_policy", "negated": ["resources"]}) == set()
}

test_accepts_description_of_all_but_some if {
	_findings({"kind": "identity_policy", "negated": ["resources"], "access": ["describe"]}) == set()
}

test_accepts_statement_about_something_else if _findings({"negated": ["actions"], "concerns_secrets": false}) == set()

test_leaves_administrators_to_their_rule if _findings({"negated": ["actions"], "administrator": true}) == set()

test_accepts_deleted_policy if _findings({"negated": ["actions"], "actions": ["delete"]}) == set()

test_silent_when_the_document_is_unknown_after_apply if {
	_findings({"principals": null, "actions_allowed": [], "unknown": ["principals", "actions_allowed"]}) == set()
}

_findings(changes) := said if {
	said := negated.findings with input.grants as [samples.grant(changes)]
}

_finding(field, message) := {
	"address": "aws_secretsmanager_secret_policy.main",
	"path": [field],
	"message": message,
}
