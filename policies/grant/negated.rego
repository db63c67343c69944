# METADATA
# title: A grant allows everything but what it names
# description: >-
#   `NotAction`, `NotResource` and `NotPrincipal` with `Allow` read like an exclusion and are a grant of all the rest, which grows by
#   itself: with every action AWS adds, every secret somebody makes, every account in the world. Nobody who reviews the statement sees a
#   list of what it opens. The same words in a `Deny` take something away and are not reported. Nor is an exclusion that a condition
#   confines: of principals to an organisation, account or network, of resources to a tag.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
#   description: NotAction with Allow, and what it lets through
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html
#   description: NotResource with Allow
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
#   description: Why NotPrincipal with Allow should not be used
# custom:
#   severity: high
#   remediation: >-
#     Write what is allowed: the actions that are used, the secrets by name or prefix, the principals by ARN. Where something has to be
#     excluded, allow a named set and add a statement with `Deny` for the exception; a `Deny` with `NotPrincipal` or `NotAction` is the
#     right use of these words. A `secret_grant` names one principal, one secret and its levels.
#   references: [CWE-183, CWE-732, CWE-284]
#   covers: []
#   aliases: []
package secretlint.grant.negated

import rego.v1

import data.secretlint.lib.grants
import data.secretlint.lib.reach
import data.secretlint.lib.result

findings contains finding if {
	some grant in _candidates
	"actions" in grant.negated
	not reach.reaches_no_value(grant)
	not _is_attached_as_a_whole(grant)
	finding := result.at(grant, ["actions_allowed"], "every action is allowed but those named")
}

findings contains finding if {
	some grant in _candidates
	"principals" in grant.negated
	not grants.principals_narrowed(grant)
	message := sprintf("anybody but the principals named may %s this secret or key", [grants.abilities(grant)])
	finding := result.at(grant, ["principals"], message)
}

findings contains finding if {
	some grant in _candidates
	"resources" in grant.negated
	not _speaks_of_its_own_secret(grant)
	not grants.resources_narrowed(grant)
	not reach.reaches_no_value(grant)
	message := sprintf("may %s every secret or key but those named", [grants.abilities(grant)])
	finding := result.at(grant, ["resources"], message)
}

# What is not known yet of the document as a whole is said by the rules on wildcards; of a document that can be read, this is known.
_candidates := [grant |
	some grant in grants.allowing
	not grant.administrator
]

# A policy of the platform's own, such as `PowerUserAccess`: there is no statement to write anew, and `grant.wildcard_secret` tells of it.
_is_attached_as_a_whole(grant) if grant.paths.actions_allowed == grant.paths.resources

# A resource policy is about the one secret it is attached to, whatever it leaves out.
_speaks_of_its_own_secret(grant) if grant.kind in {"resource_policy", "key_policy"}
