# METADATA
# title: A break-glass grant has no end
# description: >-
#   Access for an emergency is made in a hurry, for somebody who needs it that night, and is then forgotten: it is wide, nobody uses it,
#   so nobody notices when a stranger does. What its own name, reason or address calls break glass or emergency access has to end by
#   itself. A time in the condition of the statement (`aws:CurrentTime`, `request.time`) or a limit on the age of the login is an end.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws-dates.html
#   description: A policy that holds within certain dates
# - ref: https://cloud.google.com/iam/docs/configuring-temporary-access
#   description: Temporary access with an IAM condition
# - ref: https://learn.microsoft.com/entra/id-governance/privileged-identity-management/pim-configure
#   description: Roles for a limited time in Azure
# custom:
#   severity: high
#   remediation: >-
#     Give it an end: `expires_at` of a `secret_grant`, `DateLessThan` on `aws:CurrentTime`, an IAM condition
#     `request.time < timestamp("…")`. Better, keep no such grant at rest: let the tool that approves it make it for hours
#     (Privileged Access Manager, Privileged Identity Management), and tell somebody whenever it is used.
#   references: [CWE-613, CWE-269]
#   covers: []
#   aliases: []
package secretlint.grant.break_glass_without_expiry

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.grants
import data.secretlint.lib.result

findings contains finding if {
	some grant in grants.allowing
	_is_for_an_emergency(grant)
	# An end that is decided at apply is one; how far off it is cannot be told, which `grant.expiry_too_far` says.
	facts.absent(grant, "expires_at")
	not facts.is_unknown(grant, "condition_keys")
	not _has_a_time_limit(grant)
	message := sprintf("this is for an emergency, and may %s for ever", [grants.abilities(grant)])
	finding := result.at(grant, [_place(grant)], message)
}

undetermined contains finding if {
	some grant in grants.allowing
	_is_for_an_emergency(grant)
	facts.is_unknown(grant, "condition_keys")
	finding := result.at(grant, [_place(grant)], "whether this emergency access ends is decided at apply")
}

_is_for_an_emergency(grant) if {
	some field in ["address", "statement", "role"]
	_says_so(grant[field])
}

_is_for_an_emergency(grant) if {
	is_string(grant.reason)
	_says_so(grant.reason)
}

# A sentence may say "emergency" alone; in an address the word can be a hospital's department.
_is_for_an_emergency(grant) if {
	is_string(grant.reason)
	contains(lower(grant.reason), "emergency")
}

_says_so(text) if {
	is_string(text)
	regex.match(`break[-_ ]?(the[-_ ]?)?glass|fire[-_ ]?call|emergency[-_ ]?(access|admin|grant|login|role|user)`, lower(text))
}

_has_a_time_limit(grant) if {
	some key in grant.condition_keys
	key in {
		"aws:currenttime",
		"aws:epochtime",
		"aws:multifactorauthage",
		"aws:tokenissuetime",
		"request.time",
	}
}

_place(grant) := "expires_at" if {
	grant.paths.expires_at
} else := "statement" if {
	grant.paths.statement
} else := grants.breadth_place(grant)
