# Which principals the team has said yes to, whatever a rule thinks of them.
package secretlint.lib.principals

import rego.v1

import data.secretlint.lib.thresholds

# The team says that this principal may have what it is given.
is_allowed(principal) if {
	some allowed in thresholds.allowed_principals
	_allows(allowed, principal)
}

_allows(allowed, principal) if allowed == principal

_allows(pattern, principal) if {
	endswith(pattern, "*")
	startswith(principal, trim_suffix(pattern, "*"))
}

# The principal lives in an account, project or tenant that the team calls its own: one of its words is that name.
is_trusted(principal) if {
	some word in split(replace(replace(replace(principal, "@", ":"), "/", ":"), ".", ":"), ":")
	word in thresholds.trusted_accounts
}
