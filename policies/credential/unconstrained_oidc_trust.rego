# METADATA
# title: An identity trusts tokens that anybody can get
# description: >-
#   An issuer such as GitHub signs tokens for all of its users; the audience is whatever the workflow asks for. Only the claim that says
#   who (`sub`, the repository, the project's path) tells your pipeline from a stranger's. Without a bound on it, or with a wildcard that
#   reaches beyond your organisation, anybody with a free account can take on the role; with `repo:ORG/*` every repository of the
#   organisation can, the forgotten ones too; with `:pull_request` code that nobody has reviewed yet. The tokens of a cluster's or a
#   company's own issuer need the claim as well.
# related_resources:
# - ref: https://docs.github.com/actions/reference/security/oidc
#   description: Claims of GitHub's tokens, and how to write conditions on them
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_secure-by-default.html
#   description: Which claims AWS demands of public issuers
# - ref: https://cloud.google.com/iam/docs/workload-identity-federation-with-deployment-pipelines#conditions
#   description: Attribute conditions for pipelines in Google Cloud
# - ref: https://docs.gitlab.com/ci/cloud_services/
#   description: Claims of GitLab's tokens
# custom:
#   severity: critical
#   remediation: >-
#     Demand `sub` with the whole repository and the branch or environment: `repo:ORG/NAME:environment:production`,
#     `project_path:GROUP/PROJECT:ref_type:branch:ref:main`, `system:serviceaccount:NAMESPACE:NAME`; in Google Cloud an attribute
#     condition on `assertion.repository`. For pull requests make a role of its own that can only read.
#   references: [CWE-284, CWE-287, CWE-863]
#   covers:
#     - CKV_AWS_358
#     - CKV_AWS_393
#     - CKV_AZURE_249
#     - CKV_GCP_118
#     - CKV_GCP_125
#     - GCP-0068
#   aliases: []
package secretlint.credential.unconstrained_oidc_trust

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.oidc
import data.secretlint.lib.result

findings contains finding if {
	some trust in _candidates
	not facts.is_unknown(trust, "bounds")
	every bound in trust.bounds { oidc.circle(trust, bound) == "anybody" }
	finding := result.inside(trust, _place(trust), sprintf("%s may take on this identity", [oidc.anybody(trust)]))
}

findings contains finding if {
	some trust in _candidates
	circles := {oidc.circle(trust, bound) | some bound in trust.bounds}
	"organisation" in circles
	not "somebody" in circles
	finding := result.inside(trust, _place(trust), "every repository of the organisation may take on this identity, with any workflow")
}

findings contains finding if {
	some trust in _candidates
	some bound in trust.bounds
	oidc.circle(trust, bound) == "somebody"
	some value in bound.values
	endswith(value, ":pull_request")
	message := sprintf("with `%s` a pull request that nobody has reviewed may take on this identity", [value])
	finding := result.inside(trust, bound.path, message)
}

undetermined contains finding if {
	some trust in _candidates
	facts.is_unknown(trust, "bounds")
	every bound in trust.bounds { oidc.circle(trust, bound) != "somebody" }
	finding := result.inside(trust, _place(trust), "which tokens this identity trusts is decided at apply")
}

_candidates := [trust |
	some trust in facts.declared(input.trusts)
	trust.kind == "oidc"
]

_place(trust) := paths[0] if {
	paths := [bound.path | some bound in trust.bounds; oidc.says_who(trust, bound)]
	count(paths) > 0
} else := trust.paths.bounds if {
	trust.paths.bounds
} else := []
