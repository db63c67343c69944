# METADATA
# title: A secret, key or store is replaced by a new one
# description: >-
#   A replacement looks like a change and is a deletion: the new secret has no versions, no value that only the store knew, another identifier,
#   and no grants but those of this plan. Whoever holds the old identifier fails, and what the old key encrypted is lost when its time is over.
#   Where the name cannot be used twice, there is also a gap in which there is none. Reported is what this plan replaces and that holds a value;
#   the attributes that force it are named.
# related_resources:
# - ref: https://developer.hashicorp.com/terraform/language/resources/behavior
#   description: When Terraform replaces instead of changing
# - ref: https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle
#   description: How to forbid it, or make the new one first
# - ref: https://developer.hashicorp.com/terraform/language/moved
#   description: How to rename a resource without replacing it
# custom:
#   severity: medium
#   remediation: >-
#     Leave the attribute as it is, or make the new one beside the old one, move those who read it over, and delete the old one in a later plan.
#     `lifecycle { prevent_destroy = true }` makes such a plan an error before it is applied.
#   references: [CWE-404, NIST SP 800-53 CP-9]
#   covers: []
#   aliases: []
package secretlint.lifecycle.replaced

import rego.v1

import data.secretlint.lib.result

findings contains finding if {
	some removal in _replacements
	message := sprintf("a new %s takes the place of this one, %s", [_named(removal.kind), _lost(removal)])
	finding := result.labelled(result.inside(removal, _first(removal.replaced_by), message), _others(removal.replaced_by))
}

# A password goes with the database that is replaced, which says enough.
_replacements := [removal |
	some removal in input.removals
	removal.replaced
	removal.holds_value
	removal.kind != "password"
]

_lost(removal) := "whose versions cannot be brought back" if {
	removal.recoverable == false
} else := "without its versions and under another identifier"

_first(paths) := paths[0] if count(paths) > 0

_first(paths) := [] if count(paths) == 0

_others(paths) := [{"path": path, "message": "a change of this replaces it as well"} |
	some index, path in paths
	index > 0
]

_named(kind) := object.get(
	{"object": "Kubernetes Secret", "key_vault": "vault", "kv_mount": "mount", "cluster": "cluster"},
	kind, kind,
)
