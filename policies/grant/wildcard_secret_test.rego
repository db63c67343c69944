package secretlint.grant.wildcard_secret_test

import rego.v1

import data.secretlint.grant.wildcard_secret
import data.secretlint.lib.samples_test as samples

test_reports_star if {
	_findings({"resources": ["*"]}) == {_finding("may read every secret or key that `*` matches")}
}

test_reports_arn_that_names_everything if {
	every resource in [
		"arn:aws:secretsmanager:*:123456789012:secret:*",
		"arn:aws:secretsmanager:eu-central-1:123456789012:*",
		"arn:aws:ssm:eu-central-1:123456789012:parameter/*",
		"arn:aws:ssm:eu-central-1:123456789012:parameter*",
		"arn:aws:ssm:eu-central-1:123456789012:*",
		"arn:aws:kms:eu-central-1:123456789012:key/*",
		"arn:aws:*:*:*:*",
		"arn:aws:secretsmanager:*",
		"arn:*",
	] {
		_findings({"resources": [resource]}) == {
			_finding(sprintf("may read every secret or key that `%s` matches", [resource])),
		}
	}
}

test_reports_role_without_names if {
	_findings({"kind": "rbac_role", "resources": ["*"], "access": ["read", "write"]}) == {
		_finding("without resource names, this may read and write every secret"),
	}
}

test_reports_condition_that_does_not_say_which if {
	_findings({"resources": ["*"], "condition_keys": ["aws:principalorgid"]}) == {
		_finding("may read every secret or key that `*` matches"),
	}
}

test_reports_a_whole_mount_of_vault if {
	_findings({"kind": "acl_policy", "resources": ["team/secret/data/*"], "scope": "store"}) == {
		_finding("may read every secret or key that `team/secret/data/*` matches"),
	}
}

test_accepts_a_path_of_vault if {
	_findings({"kind": "acl_policy", "resources": ["secret/data/orders/*"], "scope": "secret"}) == set()
	_findings({"kind": "acl_policy", "resources": ["secret/data/orders/*"], "scope": null}) == set()
}

test_leaves_to_other_rules_what_they_say if {
	_findings({"resources": ["*"], "administrator": true}) == set()
	_findings({"resources": ["*"], "decrypts_only": true}) == set()
	_findings({"resources": ["*"], "negated": ["resources"]}) == set()
	_findings({"kind": "rbac_role", "resources": ["*"], "actions_allowed": ["get", "list"]}) == set()
}

test_accepts_named_secrets if {
	every resource in [
		"arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-??????",
		"arn:aws:secretsmanager:*:*:secret:prod/orders/*",
		"arn:aws:ssm:eu-central-1:123456789012:parameter/prod/*",
		"arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
		"arn:aws:kms:eu-central-1:123456789012:alias/orders",
		"orders-db",
	] {
		_findings({"resources": [resource]}) == set()
	}
}

test_accepts_every_object_of_another_service if {
	_findings({"resources": [
		"arn:aws:s3:::*",
		"arn:aws:logs:*:*:*",
		"arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-??????",
	]}) == set()
}

test_accepts_star_in_a_resource_policy if {
	_findings({"kind": "resource_policy", "resources": ["*"]}) == set()
	_findings({"kind": "key_policy", "resources": ["*"]}) == set()
}

test_accepts_star_with_condition_on_the_secret if {
	_findings({"resources": ["*"], "condition_keys": ["secretsmanager:resourcetag/owner"]}) == set()
	_findings({"resources": ["*"], "access": ["decrypt"], "condition_keys": ["kms:viaservice"]}) == set()
}

test_accepts_listing if {
	_findings({"resources": ["*"], "access": ["describe"], "actions_allowed": ["secretsmanager:ListSecrets", "kms:Get*"]}) == set()
}

test_accepts_what_only_adds if {
	every actions in [["secretsmanager:CreateSecret", "kms:DescribeKey"], ["kms:Encrypt", "kms:GenerateDataKey*", "s3:PutObject"]] {
		_findings({"resources": ["*"], "access": ["write", "describe"], "actions_allowed": actions}) == set()
	}
}

test_reports_what_overwrites if {
	_findings({"resources": ["*"], "access": ["write"], "actions_allowed": ["secretsmanager:PutSecretValue"]}) == {
		_finding("may write every secret or key that `*` matches"),
	}
}

test_accepts_denial if _findings({"effect": "deny", "resources": ["*"]}) == set()

test_accepts_statement_about_something_else if _findings({"resources": ["*"], "concerns_secrets": false}) == set()

test_accepts_deleted_policy if _findings({"resources": ["*"], "actions": ["delete"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"resources": [], "unknown": ["resources"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("which secrets or keys this covers is decided at apply")}
}

test_leaves_unknown_verbs_to_their_rule if {
	_findings({"kind": "rbac_role", "resources": ["*"], "access": [], "unknown": ["actions_allowed"]}) == set()
}

test_determined_when_known if _undetermined({"resources": ["*"]}) == set()

_findings(changes) := said if {
	said := wildcard_secret.findings with input.grants as [_grant(changes)]
}

_undetermined(changes) := said if {
	said := wildcard_secret.undetermined with input.grants as [_grant(changes)]
}

_grant(changes) := samples.grant(object.union({"kind": "identity_policy", "principals": null}, changes))

_finding(message) := {
	"address": "aws_secretsmanager_secret_policy.main",
	"path": ["resources"],
	"message": message,
}
