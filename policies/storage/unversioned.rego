# METADATA
# title: A secret store keeps no earlier versions
# description: >-
#   Where a write replaces the only copy, a wrong value is the end of the right one: a rotation that went half way, two people at once, an
#   apply with an empty variable. With versions the previous value is there to go back to, deletion can be undone, and the history says when a
#   value that leaked was in use. Reported are stores that could keep versions and are configured not to, such as the first version of Vault's
#   key/value engine.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/secrets/kv
#   description: The two versions of Vault's key/value engine
# - ref: https://developer.hashicorp.com/vault/docs/secrets/kv/kv-v2/upgrade
#   description: How to upgrade to the one with versions
# custom:
#   severity: low
#   remediation: >-
#     Mount the second version of the engine, `options = { version = "2" }` of a `vault_mount`, or upgrade the mount with `vault kv
#     enable-versioning`; policies then need `data/` and `metadata/` in their paths. Keep ten versions or more.
#   references: [NIST SP 800-53 CP-9, NIST SP 800-53 CP-10]
#   covers: []
#   aliases: []
package secretlint.storage.unversioned

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some store in facts.declared(input.stores)
	store.versioned == false
	finding := result.about(store, "versioned", "a write to this store destroys the value that was there")
}

undetermined contains finding if {
	some store in facts.declared(input.stores)
	facts.is_unknown(store, "versioned")
	finding := result.about(store, "versioned", "whether this store keeps earlier versions is decided at apply")
}
