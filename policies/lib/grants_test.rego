package secretlint.lib.grants_test

import rego.v1

import data.secretlint.lib.grants
import data.secretlint.lib.samples_test as samples

test_allowing_leaves_out_denials_deletions_and_other_services if {
	allowed := samples.grant({})
	list := [
		allowed,
		samples.grant({"effect": "deny"}),
		samples.grant({"actions": ["delete"]}),
		samples.grant({"concerns_secrets": false}),
	]
	grants.allowing == [allowed] with input.grants as list
}

test_abilities_are_words if {
	grants.abilities({"access": ["read"]}) == "read"
	grants.abilities({"access": ["read", "administer"]}) == "read and administer"
	grants.abilities({"access": ["read", "write", "rotate"]}) == "read, write and rotate"
	grants.abilities({"access": []}) == "reach"
}

test_conditions_that_say_who if {
	every key in ["aws:principalorgid", "aws:sourcevpce", "aws:principaltag/team", "kms:calleraccount"] {
		grants.principals_narrowed({"condition_keys": [key]})
	}
}

test_other_conditions_do_not_say_who if {
	every key in ["aws:securetransport", "secretsmanager:versionstage", "kms:viaservice", "aws:requestedregion"] {
		not grants.principals_narrowed({"condition_keys": [key]})
	}
	not grants.principals_narrowed({"condition_keys": []})
}

test_conditions_that_say_which if {
	every key in ["kms:viaservice", "kms:encryptioncontext:secretarn", "aws:resourcetag/team", "secretsmanager:resourcetag/team"] {
		grants.resources_narrowed({"condition_keys": [key]})
	}
}

test_other_conditions_do_not_say_which if {
	every key in ["aws:principalorgid", "aws:securetransport", "aws:requesttag/team"] {
		not grants.resources_narrowed({"condition_keys": [key]})
	}
}

test_effective_has_other_rights_that_lead_to_secrets if {
	other := samples.grant({"concerns_secrets": false, "escalations": ["iam:PutRolePolicy"]})
	built_in := samples.grant({"kind": "rbac_binding", "statement": "clusterrole:edit"})
	list := [
		other,
		built_in,
		samples.grant({"kind": "rbac_binding", "statement": "role:orders"}),
		samples.grant({"concerns_secrets": false}),
		samples.grant({"effect": "deny"}),
		samples.grant({"actions": ["forget"]}),
	]
	grants.effective == [other, built_in] with input.grants as list
}

test_breadth_stands_at_the_role if {
	grants.breadth_place(samples.grant({"paths": {"role": ["role"]}})) == "role"
	grants.breadth_place(samples.grant({"kind": "rbac_binding"})) == "access"
	grants.breadth_place(samples.grant({})) == "actions_allowed"
}

test_scopes_have_names if {
	grants.scope_name("management_group") == "the management group"
	grants.scope_name(null) == "the account"
}

test_every_action_of_a_secret_store if {
	every action in ["*", "*:*", "kms:*", "SecretsManager:**"] { grants.is_every_action(action) }
	every action in ["s3:*", "ssm:Get*", "iam:PassRole", "?"] { not grants.is_every_action(action) }
}

test_external_id_says_who if grants.principals_narrowed({"condition_keys": ["sts:externalid"]})

test_access_levels_say_who if grants.principals_narrowed({"condition_keys": ["request.auth.access_levels"]})

test_conditions_of_google_that_say_which if {
	grants.resources_narrowed({"condition_keys": ["resource.name"]})
	grants.resources_narrowed({"condition_keys": ["resource.matchtag"]})
	not grants.resources_narrowed({"condition_keys": ["resource.type", "request.time"]})
}

test_operations_of_key_vault_are_every_action_with_a_wildcard if {
	every action in ["Microsoft.KeyVault/*", "Microsoft.KeyVault/vaults/*", "Microsoft.KeyVault/vaults/secrets/*"] {
		grants.is_every_action(action)
	}
	every action in ["Microsoft.KeyVault/vaults/read", "Microsoft.KeyVault/vaults/secrets/*/action", "Microsoft.Web/*"] {
		not grants.is_every_action(action)
	}
}
