# METADATA
# title: Another account may reach a secret without a condition
# description: >-
#   A principal of another account, project or tenant is looked after by somebody else: who may become it, and whether it still exists, is
#   not to be seen here. Without a condition a supplier's service can also be talked into using its access for another of its customers,
#   which `sts:ExternalId` and the source conditions prevent. A statement with such a condition, or one on the organisation or network, is
#   not reported; nor is an account in `trusted_accounts` or a name in `allowed_principals` of the configuration.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
#   description: The confused deputy, and the conditions against it
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html
#   description: A secret for another account
# - ref: https://cloud.google.com/iam/docs/service-account-overview
#   description: Service accounts of other projects
# custom:
#   severity: high
#   remediation: >-
#     If the account is yours, list it in `trusted_accounts` of `secretlint.hcl`, or better add a condition on `aws:PrincipalOrgID`. If it
#     is a supplier's, demand an `sts:ExternalId` that they made for you, name one role of theirs and not the account, and give the grant
#     an end.
#   references: [CWE-441, CWE-284, CWE-732]
#   covers:
#     - KICS-09c35abf
#     - secretsmanager_has_restrictive_resource_policy
#   aliases: []
package secretlint.grant.cross_account_unconditioned

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.grants
import data.secretlint.lib.principals
import data.secretlint.lib.result

findings contains finding if {
	some grant in _candidates
	some principal in grant.foreign_principals
	not principals.is_allowed(principal)
	not principals.is_trusted(principal)
	finding := result.at(grant, ["principals"], _message(grant, principal))
}

undetermined contains finding if {
	some grant in grants.effective
	_gives_something(grant)
	not _is_narrowed(grant)
	facts.is_unknown(grant, "foreign_principals")
	finding := result.at(grant, ["principals"], "whether this is for another account is decided at apply")
}

_candidates := [grant |
	some grant in grants.effective
	_gives_something(grant)
	not "principals" in grant.negated
	not _is_narrowed(grant)
]

_gives_something(grant) if grant.concerns_secrets

_gives_something(grant) if grant.kind == "trust_policy"

_is_narrowed(grant) if grants.principals_narrowed(grant)

# Who takes on a role for an hour with a second factor is a person.
_is_narrowed(grant) if {
	grant.kind == "trust_policy"
	some key in ["aws:multifactorauthpresent", "aws:multifactorauthage"]
	key in grant.condition_keys
}

_message(grant, principal) := sprintf("`%s`, of another account, may take on this role without a condition", [principal]) if {
	grant.kind == "trust_policy"
} else := sprintf("`%s`, of another %s, may %s this secret or key without a condition", [
	principal,
	object.get(_homes, grant.platform, "account"),
	grants.abilities(grant),
])

_homes := {"azure": "tenant", "google": "project"}
