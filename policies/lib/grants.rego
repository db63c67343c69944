# Which grants are worth a rule's attention, and which of their parts are narrower than they look.
package secretlint.lib.grants

import rego.v1

import data.secretlint.lib.facts

# Grants that let somebody reach a secret or its key, and will be there after the apply.
allowing := [grant |
	some grant in effective_or_repeated
	grant.concerns_secrets
]

# Grants that allow something a rule could ask about; most statements of a big plan are about neither secrets nor other rights.
effective_or_repeated := [grant |
	some grant in input.grants
	grant.effect == "allow"
	_says_something(grant)
	grant.actions != ["delete"]
	grant.actions != ["forget"]
]

# Every grant that allows something, of secrets or not: who can rewrite a policy reaches secrets without a word of them. Without what a
# binding merely repeats of a role in the same plan, which is reported itself.
effective := [grant |
	some grant in effective_or_repeated
	not repeats_a_role(grant)
]

_says_something(grant) if grant.concerns_secrets

_says_something(grant) if {
	not grant.concerns_secrets
	count(grant.escalations) + count(grant.foreign_principals) + count(grant.unknown) > 0
}

# A role that anybody may take on.
_says_something(grant) if {
	not grant.concerns_secrets
	grant.kind == "trust_policy"
	is_array(grant.principals)
	"*" in grant.principals
}

# What root alone may do is a path of a Vault policy.
_says_something(grant) if {
	not grant.concerns_secrets
	grant.kind == "acl_policy"
}

_says_something(grant) if {
	not grant.concerns_secrets
	grant.administrator
}

# The role itself is looked at; only of the roles that every cluster has there is nothing else to point to.
repeats_a_role(grant) if {
	grant.kind == "rbac_binding"
	not facts.is_unknown(grant, "administrator")
	not grant.statement in {
		"clusterrole:cluster-admin",
		"clusterrole:admin",
		"clusterrole:edit",
		"clusterrole:view",
	}
}

# Where it says how far it reaches: the role if there is one, or what is allowed.
breadth_place(grant) := "role" if {
	grant.paths.role
} else := "access" if {
	grant.kind == "rbac_binding"
} else := "actions_allowed"

# "the project", for a message.
scope_name(scope) := object.get(_scope_names, scope, "the account")

# "*", "kms:*" and the verb "*"; "ssm:Get*" is a way of writing a few names.
is_every_action(action) if is_only_wildcards(action)

is_every_action(action) if {
	[service, name] := split(lower(action), ":")
	is_only_wildcards(name)
	_is_ours(service)
}

# The same of Azure's operations: "Microsoft.KeyVault/*", "Microsoft.KeyVault/vaults/secrets/*".
is_every_action(action) if regex.match(`^microsoft\.keyvault/(vaults/((secrets|keys)/)?|managedhsm/(keys/)?)?\*$`, lower(action))

# A role that may do everything with the secrets it is given for.
is_every_action_role(role) if role in {"roles/secretmanager.admin", "Key Vault Administrator"}

# "*", "**", "*?*", but not "" and not "?".
is_only_wildcards(text) if {
	contains(text, "*")
	trim(text, "*?") == ""
}

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

_is_ours(service) if service in {"secretsmanager", "ssm", "kms"}

_is_ours(service) if is_only_wildcards(service)

_scope_names := {
	"cluster": "the cluster",
	"folder": "the folder",
	"management_group": "the management group",
	"namespace": "the namespace",
	"organization": "the organisation",
	"project": "the project",
	"resource_group": "the resource group",
	"server": "the server",
	"store": "the store",
	"subscription": "the subscription",
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
	"request.auth.access_levels",
	"sts:externalid",
}

_names_who(key) if startswith(key, "aws:principaltag/")

_names_which(key) if key in {
	"kms:encryptioncontextkeys",
	"kms:resourcealiases",
	"kms:viaservice",
	"resource.name",
	"secretsmanager:secretid",
}

_names_which(key) if {
	some prefix in [
		"aws:resourcetag/",
		"kms:encryptioncontext:",
		"resource.hastag",
		"resource.matchtag",
		"secretsmanager:resourcetag/",
		"ssm:resourcetag/",
	]
	startswith(key, prefix)
}
