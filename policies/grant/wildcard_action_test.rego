package secretlint.grant.wildcard_action_test

import rego.v1

import data.secretlint.grant.wildcard_action
import data.secretlint.lib.samples_test as samples

test_reports_every_action_of_a_service if {
	every action in ["*", "*:*", "secretsmanager:*", "SecretsManager:*", "ssm:*", "kms:*", "kms:**"] {
		_findings({"actions_allowed": [action]}) == {_finding(sprintf("`%s` allows every action", [action]))}
	}
}

test_reports_every_verb if {
	_findings({"kind": "rbac_role", "principals": null, "actions_allowed": ["*"]}) == {_finding("`*` allows every action")}
}

test_reports_role_that_may_do_everything if {
	every role in ["roles/secretmanager.admin", "Key Vault Administrator"] {
		changes := {"kind": "iam_binding", "role": role, "actions_allowed": [], "paths": {"role": ["role"]}}
		_findings(changes) == {object.union(_finding(sprintf("`%s` allows every action", [role])), {"path": ["role"]})}
	}
}

test_accepts_role_that_reads if {
	every role in ["roles/secretmanager.secretAccessor", "Key Vault Secrets User", null] {
		_findings({"kind": "role_assignment", "role": role, "actions_allowed": []}) == set()
	}
}

test_reports_access_policy_with_every_permission if {
	permissions := ["Get", "List", "Set", "Delete", "Recover", "Backup", "Restore", "Purge"]
	_findings({"kind": "access_policy", "actions_allowed": permissions}) == {
		_finding("with get, list, set, delete, recover, backup, restore, purge every action is allowed"),
	}
}

test_reports_vault_path_with_every_capability if {
	capabilities := ["create", "read", "update", "patch", "delete", "list"]
	_findings({"kind": "acl_policy", "actions_allowed": capabilities}) == {
		_finding("with create, read, update, delete, list every action is allowed"),
	}
}

test_accepts_some_permissions if {
	_findings({"kind": "access_policy", "actions_allowed": ["Get", "List", "Set", "Delete"]}) == set()
	_findings({"kind": "acl_policy", "actions_allowed": ["create", "update", "read"]}) == set()
}

test_leaves_negation_and_administrators_to_their_rules if {
	_findings({"actions_allowed": ["secretsmanager:DeleteSecret"], "negated": ["actions"]}) == set()
	_findings({"actions_allowed": ["*"], "administrator": true}) == set()
}

test_reports_every_key_action_for_a_role if {
	_findings({"kind": "key_policy", "actions_allowed": ["kms:*"]}) == {_finding("`kms:*` allows every action")}
}

test_accepts_the_account_in_its_key_policy if {
	_findings({"kind": "key_policy", "actions_allowed": ["kms:*"], "delegates_to_account": true}) == set()
}

test_reports_an_account_in_another_policy if {
	_findings({"actions_allowed": ["secretsmanager:*"], "delegates_to_account": true}) == {
		_finding("`secretsmanager:*` allows every action"),
	}
}

test_reports_binding_of_cluster_admin if {
	changes := {"kind": "rbac_binding", "statement": "clusterrole:cluster-admin", "actions_allowed": ["*"]}
	_findings(changes) == {object.union(_finding("`*` allows every action"), {"path": ["access"]})}
}

test_leaves_binding_of_another_role_to_the_role if {
	_findings({"kind": "rbac_binding", "statement": "role:orders", "actions_allowed": ["*"]}) == set()
}

test_accepts_named_actions if {
	_findings({"actions_allowed": ["secretsmanager:GetSecretValue", "ssm:GetParameter*", "kms:Decrypt"]}) == set()
}

test_accepts_every_action_of_another_service if {
	_findings({"actions_allowed": ["s3:*", "secretsmanager:GetSecretValue"]}) == set()
}

test_accepts_denial if _findings({"effect": "deny", "actions_allowed": ["*"]}) == set()

test_accepts_statement_about_something_else if _findings({"actions_allowed": ["*"], "concerns_secrets": false}) == set()

test_accepts_deleted_policy if _findings({"actions_allowed": ["*"], "actions": ["delete"]}) == set()

test_undetermined_when_actions_are_unknown_after_apply if {
	changes := {"actions_allowed": [], "unknown": ["actions_allowed"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("which actions are allowed is decided at apply")}
}

test_undetermined_when_the_key_policy_may_name_the_account if {
	changes := {"kind": "key_policy", "actions_allowed": ["kms:*"], "principals": null, "unknown": ["principals"]}
	_findings(changes) == set()
	_undetermined(changes) == {
		_finding("whether `kms:*` is allowed to the account itself or to somebody else is decided at apply"),
	}
}

test_determined_when_known if _undetermined({"actions_allowed": ["*"]}) == set()

_findings(changes) := said if {
	said := wildcard_action.findings with input.grants as [samples.grant(changes)]
}

_undetermined(changes) := said if {
	said := wildcard_action.undetermined with input.grants as [samples.grant(changes)]
}

_finding(message) := {
	"address": "aws_secretsmanager_secret_policy.main",
	"path": ["actions_allowed"],
	"message": message,
}
