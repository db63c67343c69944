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
