# How many can get a token that meets a bound of a trust: anybody, everybody in one organisation, or somebody in particular.
package secretlint.lib.oidc

import rego.v1

# "anybody", "organisation" or "somebody". The values of a bound are alternatives, so the widest of them counts.
circle(trust, bound) := "anybody" if {
	not says_who(trust, bound)
} else := "anybody" if {
	some value in bound.values
	_is_anybody(_claim(bound), value)
} else := "organisation" if {
	_is_public(trust)
	not _is_narrowed_again(trust)
	some value in bound.values
	_is_organisation(_claim(bound), value)
} else := "somebody"

# The claim says who asks. Of a public issuer only some do: anybody's workflow runs on a branch named main.
says_who(trust, bound) if {
	_is_public(trust)
	_claim(bound) in _who_of_public_issuers
}

says_who(trust, bound) if {
	not _is_public(trust)
	not _claim(bound) in {"aud", "amr", "audience", "audiences", "iss", "issuer"}
}

# Who "anybody" is, for a message.
anybody(trust) := sprintf("anybody with an account at `%s`", [trust.issuer]) if {
	_is_public(trust)
} else := sprintf("whoever gets a token of `%s`", [trust.issuer]) if {
	is_string(trust.issuer)
} else := "whoever gets a token of the issuer"

# As the platforms write it: `assertion.sub`, `attribute.repository`, `google.subject`, `bound_subject`, `/repository`, `ISSUER:sub`.
_claim(bound) := object.get(_synonyms, last, last) if {
	parts := split(replace(replace(lower(bound.claim), "/", "."), ":", "."), ".")
	last := parts[count(parts) - 1]
}

_synonyms := {
	"bound_audiences": "aud",
	"bound_subject": "sub",
	"claims_matching_expression": "sub",
	"subject": "sub",
}

_is_public(trust) if {
	is_string(trust.issuer)
	host := trim_prefix(trim_prefix(trust.issuer, "https://"), "http://")
	some name in _public_issuers
	_is_or_below(host, name)
}

_is_or_below(host, name) if host == name

_is_or_below(host, name) if startswith(host, sprintf("%s/", [name]))

# Issuers that sign for whoever makes an account. Those with the tenant in their address (a cluster of EKS, an organisation of CircleCI) are
# not among them.
_public_issuers := [
	"accounts.google.com",
	"agent.buildkite.com",
	"app.terraform.io",
	"gitlab.com",
	"token.actions.githubusercontent.com",
]

_who_of_public_issuers := {
	"actor", "actor_id", "azp", "email", "enterprise", "enterprise_id", "hd", "job_workflow_ref", "namespace_id", "namespace_path",
	"organization_id", "organization_slug", "oaud", "pipeline_id", "pipeline_slug", "project_id", "project_path", "repository",
	"repository_id", "repository_owner", "repository_owner_id", "sub", "terraform_organization_id", "terraform_organization_name",
	"terraform_workspace_id", "terraform_workspace_name", "user_email", "user_login", "workflow_ref",
}

_is_anybody(_, value) if startswith(value, "*")

_is_anybody(_, value) if startswith(value, "?")

# The owner is open: `repo:*`, `repo:ORG*`, `repo:*/NAME:…`, `project_path:*`, `organization:*`.
_is_anybody("sub", value) if {
	[kind, rest] := _of_subject(value)
	kind in {"repo", "project_path", "organization", "repository_owner"}
	regex.match(`[*?]`, split(split(rest, ":")[0], "/")[0])
}

# `system:serviceaccount:*` and `system:serviceaccount:*:*`.
_is_anybody("sub", value) if {
	rest := trim_prefix(value, "system:serviceaccount:")
	rest != value
	trim(rest, "*:") == ""
}

_is_anybody(claim, value) if {
	claim in {"repository", "project_path", "job_workflow_ref", "workflow_ref"}
	regex.match(`[*?]`, split(value, "/")[0])
}

_is_organisation(claim, _) if {
	claim in {
		"enterprise", "enterprise_id", "namespace_id", "namespace_path", "organization_id", "organization_slug", "repository_owner",
		"repository_owner_id", "hd", "terraform_organization_id", "terraform_organization_name",
	}
}

# `repo:ORG/*` and what follows, `project_path:GROUP/*`.
_is_organisation("sub", value) if {
	[kind, rest] := _of_subject(value)
	kind in {"repo", "project_path"}
	_is_whole_owner(split(rest, ":")[0])
}

_is_organisation(claim, value) if {
	claim in {"repository", "project_path"}
	_is_whole_owner(value)
}

_is_whole_owner(path) if {
	parts := split(path, "/")
	count(parts) == 2
	contains(parts[1], "*")
	trim(parts[1], "*") == ""
}

# In Google Cloud the provider lets in, and a binding to an attribute then says which repository.
_is_narrowed_again(trust) if trust.platform == "google"

_of_subject(value) := [substring(value, 0, at), substring(value, at + 1, -1)] if {
	at := indexof(value, ":")
	at > 0
}
