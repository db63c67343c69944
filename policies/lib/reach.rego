# How far a grant reaches: to every secret, to none of the values, to a list.
package secretlint.lib.reach

import rego.v1

# The text names every secret, parameter or key: nothing but wildcards.
names_all(resource) if _only_wildcards(resource)

# "arn:aws:*", which leaves the service open.
names_all(resource) if {
	parts := split(resource, ":")
	count(parts) < 6
	parts[0] == "arn"
	_only_wildcards(parts[count(parts) - 1])
}

# "arn:aws:secretsmanager:*:*:secret:*", "arn:aws:ssm:eu-central-1:123456789012:parameter/*", "arn:aws:kms:*:*:*".
names_all(resource) if {
	parts := split(resource, ":")
	parts[0] == "arn"
	_service(parts[2])
	_only_wildcards(_without_type(concat(":", array.slice(parts, 5, count(parts)))))
}

# Nothing that the grant allows tells a value or changes one: to describe is not to reach.
reaches_no_value(grant) if {
	count(grant.access) > 0
	every access in grant.access { access == "describe" }
}

# What only adds: a secret under a new name, or text that is encrypted with a key.
reaches_no_value(grant) if {
	count(grant.access) > 0
	every access in grant.access { access in {"describe", "write"} }
	every action in grant.actions_allowed { _changes_nothing(lower(action)) }
}

# Grants that a service of AWS asks for in the caller's name, to use a key for a volume or a queue.
reaches_no_value(grant) if {
	"kms:grantisforawsresource" in grant.condition_keys
	count(grant.actions_allowed) > 0
	every action in grant.actions_allowed {
		lower(action) in {"kms:creategrant", "kms:listgrants", "kms:revokegrant"}
	}
}

# Kubernetes answers `list` and `watch` with whole objects, and names do not narrow them in practice.
lists_secrets(grant) if {
	grant.kind == "rbac_role"
	"*" in grant.resources
	not "*" in grant.actions_allowed
	some verb in ["list", "watch"]
	verb in grant.actions_allowed
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

_service(service) if service in {"secretsmanager", "ssm", "kms"}

_service(service) if _only_wildcards(service)

# "secret:*", "parameter/*" and "parameter*" without the type, which says nothing about the name.
_without_type(name) := trim_prefix(trim_prefix(trim_prefix(trim_prefix(name, "secret"), "parameter"), "key"), "alias")

_only_wildcards(text) if {
	contains(text, "*")
	trim(text, "*?/:+-") == ""
}
