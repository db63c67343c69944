# METADATA
# title: A grant covers every secret
# description: >-
#   A role that reads `*` reads every secret of the account or namespace, and every one that is added later, by anybody, for any
#   purpose. One stolen workload identity is then the loss of all of them. Only grants that reach values or keys are looked at: listing
#   names and `GetRandomPassword` cannot be scoped and may keep their `*`. A statement is not reported when a condition says which
#   secrets (a resource tag) or confines a key to one service (`kms:ViaService`), and a resource policy may say `*`, which means the
#   secret it is attached to.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
#   description: Identity policies for AWS Secrets Manager, with the six characters that end an ARN
# - ref: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
#   description: Which actions take which resources and condition keys
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: Good practices for Kubernetes RBAC
# custom:
#   severity: high
#   remediation: >-
#     Name the secrets: `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-??????` or a prefix that belongs to one team, a
#     parameter path below `/`, the key's ARN; in Kubernetes `resource_names`. Where the secrets share a tag, a condition on
#     `secretsmanager:ResourceTag/…` does it. A `secret_grant` covers one secret.
#   references: [CWE-732, CWE-250, CIS Kubernetes 5.1.2]
#   covers:
#     - CKV_AWS_108
#     - CKV_AWS_288
#     - CKV_AWS_355
#     - CKV_AWS_356
#     - AWS-0057
#     - KSV-0041
#     - KSV-0113
#     - KICS-07fc3413
#     - KICS-826abb30
#     - rbac_minimize_secret_access
#   aliases: []
package secretlint.grant.wildcard_secret

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.grants
import data.secretlint.lib.result

findings contains finding if {
	some grant in _candidates
	some resource in grant.resources
	_names_all(resource)
	not "resources" in grant.negated
	not grants.resources_narrowed(grant)
	finding := result.at(grant, ["resources"], _message(grant, resource))
}

findings contains finding if {
	some grant in _candidates
	"resources" in grant.negated
	not grants.resources_narrowed(grant)
	message := sprintf("may %s every secret or key but those named", [grants.abilities(grant)])
	finding := result.at(grant, ["resources"], message)
}

undetermined contains finding if {
	some grant in _candidates
	facts.is_unknown(grant, "resources")
	finding := result.at(grant, ["resources"], "which secrets or keys this covers is decided at apply")
}

_message(grant, resource) := sprintf("may %s every secret or key that `%s` matches", [grants.abilities(grant), resource]) if {
	grant.kind == "identity_policy"
} else := sprintf("without resource names, this may %s every secret", [grants.abilities(grant)])

# A resource policy speaks of the one secret it is attached to, whatever its `Resource` says.
_candidates := [grant |
	some grant in grants.allowing
	grant.kind in {"identity_policy", "rbac_role"}
	not _reaches_no_value(grant)
]

_reaches_no_value(grant) if {
	count(grant.access) > 0
	every access in grant.access { access == "describe" }
}

# What only adds: a secret under a new name, or text that is encrypted with a key.
_reaches_no_value(grant) if {
	count(grant.access) > 0
	every access in grant.access { access in {"describe", "write"} }
	every action in grant.actions_allowed { _changes_nothing(lower(action)) }
}

_changes_nothing(action) if action in {
	"kms:encrypt",
	"kms:generatedatakey",
	"kms:generatedatakey*",
	"kms:generatedatakeywithoutplaintext",
	"secretsmanager:createsecret",
	"secretsmanager:getrandompassword",
}

_changes_nothing(action) if {
	[service, _] := split(action, ":")
	not _service(service)
}

_changes_nothing(action) if {
	[_, name] := split(action, ":")
	some prefix in ["describe", "list"]
	startswith(name, prefix)
}

_names_all(resource) if _only_wildcards(resource)

# "arn:aws:*", which leaves the service open.
_names_all(resource) if {
	parts := split(resource, ":")
	count(parts) < 6
	parts[0] == "arn"
	_only_wildcards(parts[count(parts) - 1])
}

# "arn:aws:secretsmanager:*:*:secret:*", "arn:aws:ssm:eu-central-1:123456789012:parameter/*", "arn:aws:kms:*:*:*".
_names_all(resource) if {
	parts := split(resource, ":")
	parts[0] == "arn"
	_service(parts[2])
	_only_wildcards(_without_type(concat(":", array.slice(parts, 5, count(parts)))))
}

_service(service) if service in {"secretsmanager", "ssm", "kms"}

_service(service) if _only_wildcards(service)

# "secret:*", "parameter/*" and "parameter*" without the type, which says nothing about the name.
_without_type(name) := trim_prefix(trim_prefix(trim_prefix(trim_prefix(name, "secret"), "parameter"), "key"), "alias")

_only_wildcards(text) if {
	contains(text, "*")
	trim(text, "*?/:") == ""
}
