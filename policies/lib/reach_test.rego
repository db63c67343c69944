package secretlint.lib.reach_test

import rego.v1

import data.secretlint.lib.reach
import data.secretlint.lib.samples_test as samples

test_wildcards_name_everything if {
	every resource in ["*", "arn:aws:secretsmanager:*:*:secret:*", "arn:aws:kms:*:*:*", "arn:aws:ssm:*:1:parameter/*", "+/*", "arn:*"] {
		reach.names_all(resource)
	}
}

test_names_do_not if {
	every resource in ["orders-db", "arn:aws:s3:::*", "arn:aws:kms:*:*:alias/orders*", "secret/data/orders/*", "?", ""] {
		not reach.names_all(resource)
	}
}

test_to_describe_and_to_add_is_not_to_reach if {
	reach.reaches_no_value({"access": ["describe"], "actions_allowed": ["kms:Get*"]})
	reach.reaches_no_value({"access": ["write"], "actions_allowed": ["kms:Encrypt", "s3:PutObject"]})
	not reach.reaches_no_value({"access": ["write"], "actions_allowed": ["secretsmanager:PutSecretValue"]})
	not reach.reaches_no_value({"access": ["read"], "actions_allowed": []})
	not reach.reaches_no_value({"access": [], "actions_allowed": []})
}

test_a_grant_for_a_service_of_aws_is_not_to_reach if {
	grant := {"access": ["describe", "administer"], "actions_allowed": ["kms:CreateGrant", "kms:ListGrants"], "condition_keys": ["kms:grantisforawsresource"]}
	reach.reaches_no_value(grant)
	not reach.reaches_no_value(object.union(grant, {"condition_keys": []}))
	not reach.reaches_no_value(object.union(grant, {"actions_allowed": ["kms:CreateGrant", "kms:PutKeyPolicy"]}))
}

test_a_role_lists_what_it_may_list_without_names if {
	role := samples.grant({"kind": "rbac_role", "resources": ["*"], "actions_allowed": ["get", "list"]})
	reach.lists_secrets(role)
	reach.lists_secrets(object.union(role, {"actions_allowed": ["watch"]}))
	not reach.lists_secrets(object.union(role, {"actions_allowed": ["get"]}))
	not reach.lists_secrets(object.union(role, {"actions_allowed": ["*", "list"]}))
	not reach.lists_secrets(object.union(role, {"resources": ["orders-db"]}))
	not reach.lists_secrets(object.union(role, {"kind": "rbac_binding"}))
}
