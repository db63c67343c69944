# Which grants are worth a rule's attention, and which of their parts are narrower than they look.
package secretlint.lib.grants

import rego.v1

import data.secretlint.lib.facts

# Grants that let somebody reach a secret or its key, and will be there after the apply.
allowing := [grant |
	some grant in facts.remaining(input.grants)
	grant.effect == "allow"
	grant.concerns_secrets
]

# What the grant lets somebody do, for a message: "read, write and administer".
abilities(grant) := "reach" if {
	count(grant.access) == 0
} else := grant.access[0] if {
	count(grant.access) == 1
} else := sprintf("%s and %s", [concat(", ", array.slice(grant.access, 0, last)), grant.access[last]]) if {
	last := count(grant.access) - 1
}

# A condition says who: an organisation, an account, a role, a network. Facts list only the keys that shut somebody out.
principals_narrowed(grant) if {
	some key in grant.condition_keys
	_names_who(key)
}

# A condition says which: a tag of the secret, or the service through which a key is used.
resources_narrowed(grant) if {
	some key in grant.condition_keys
	_names_which(key)
}

_names_who(key) if key in {
	"aws:principalaccount",
	"aws:principalarn",
	"aws:principalorgid",
	"aws:principalorgpaths",
	"aws:sourceaccount",
	"aws:sourcearn",
	"aws:sourceip",
	"aws:sourceorgid",
	"aws:sourceorgpaths",
	"aws:sourceowner",
	"aws:sourcevpc",
	"aws:sourcevpce",
	"aws:userid",
	"aws:username",
	"kms:calleraccount",
}

_names_who(key) if startswith(key, "aws:principaltag/")

_names_which(key) if key in {
	"kms:encryptioncontextkeys",
	"kms:resourcealiases",
	"kms:viaservice",
	"secretsmanager:secretid",
}

_names_which(key) if {
	some prefix in [
		"aws:resourcetag/",
		"kms:encryptioncontext:",
		"secretsmanager:resourcetag/",
		"ssm:resourcetag/",
	]
	startswith(key, prefix)
}
