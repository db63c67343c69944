# METADATA
# title: A Vault policy gives root's powers
# description: >-
#   `sudo` opens the paths that Vault keeps for root: raw storage, audit devices, plugins, the seal, tokens without a parent. Who has it on
#   one of them, or on a wildcard that reaches one, can read any secret and switch off the log that would say so. With `read` and `list`
#   alone that holds for raw storage only; an auditor may list the audit devices. A role that gives the
#   policy `root` is the same by name. `sudo` on a single path that asks for it and opens nothing else, such as `sys/rotate`, is accepted;
#   a policy on everything is said by `grant.administrator`.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies#root-protected-api-endpoints
#   description: Paths of Vault that ask for sudo
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies#root-policy
#   description: The root policy
# - ref: https://developer.hashicorp.com/vault/docs/concepts/production-hardening
#   description: Hardening of a Vault server
# custom:
#   severity: critical
#   remediation: >-
#     Take `sudo` out of the policy, or put it on the one path that needs it and give that policy to a role of its own, for people, for
#     minutes. Tasks of an operator that truly need root are done with a root token that a quorum of key holders makes and that is revoked
#     afterwards.
#   references: [CWE-250, CWE-269]
#   covers: []
#   aliases: []
package secretlint.grant.vault_root_or_sudo

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.grants
import data.secretlint.lib.result

findings contains finding if {
	some grant in _candidates
	"sudo" in grant.actions_allowed
	some path in grant.resources
	some protected in _protected
	_reaches(path, protected)
	not _only_looks(grant, protected)
	finding := result.at(grant, ["actions_allowed"], sprintf("`sudo` on `%s` gives root's powers", [path]))
}

findings contains finding if {
	some trust in facts.declared(object.get(input, "trusts", []))
	trust.platform == "vault"
	"root" in trust.policies
	finding := result.at(trust, ["policies"], "whoever logs in with this role has the policy `root`")
}

undetermined contains finding if {
	some grant in _candidates
	facts.is_unknown(grant, "actions_allowed")
	finding := result.at(grant, ["actions_allowed"], "whether this gives `sudo` is decided at apply")
}

undetermined contains finding if {
	some trust in facts.declared(object.get(input, "trusts", []))
	trust.platform == "vault"
	facts.is_unknown(trust, "policies")
	finding := result.at(trust, ["policies"], "which policies this role gives is decided at apply")
}

_candidates := [grant |
	some grant in grants.effective
	grant.kind == "acl_policy"
	not grant.administrator
]

# Behind these is everything: storage, the log, code that runs in the server, new root tokens.
_protected := {
	"auth/token/create-orphan",
	"sys/audit",
	"sys/auth",
	"sys/generate-root",
	"sys/plugins/catalog",
	"sys/raw",
	"sys/seal",
}

# To list audit devices or plugins asks for `sudo` too and changes nothing; raw storage is secret to read.
_only_looks(grant, protected) if {
	protected != "sys/raw"
	every action in grant.actions_allowed {
		action in {"list", "read", "sudo"}
	}
}

_reaches(path, protected) if path == protected

_reaches(path, protected) if startswith(path, sprintf("%s/", [protected]))

_reaches(path, protected) if {
	regex.match(`[*+]`, path)
	startswith(protected, regex.split(`[*+]`, path)[0])
}
