# METADATA
# title: A secret has no owner
# description: >-
#   When a secret leaks, expires or stands in the way, somebody has to decide what it opens and who must change it. Without a name on it
#   that takes a day of searching, and a secret nobody claims is never deleted. Any of the tags, labels or annotations `owner`,
#   `Owner`, `team` and `Team` counts (`owner_tags` in the configuration). Passwords that are arguments of another resource belong to that
#   resource and are not reported.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/managing-secrets_tagging.html
#   description: Tags in AWS Secrets Manager
# - ref: https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html
#   description: Tagging for responsibility
# custom:
#   severity: low
#   remediation: >-
#     Name a team, not a person: `owner` of a `secret`, a tag `owner` in AWS (`default_tags` of the provider block puts it on
#     everything at once), a label or annotation `owner` in Kubernetes.
#   references: [NIST SP 800-53 CM-8(4)]
#   covers: []
#   aliases: []
package secretlint.lifecycle.no_owner

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result
import data.secretlint.lib.secrets
import data.secretlint.lib.thresholds

findings contains finding if {
	some secret in _owned
	facts.absent(secret, "owner")
	not facts.is_unknown(secret, "tags")
	not _has_owner_tag(secret)
	finding := result.at(secret, ["owner"], "nobody is named as the owner of this secret")
}

undetermined contains finding if {
	some secret in _owned
	object.get(secret, "owner", null) in {null, ""}
	some field in ["owner", "tags"]
	facts.is_unknown(secret, field)
	not _has_owner_tag(secret)
	finding := result.at(secret, ["owner"], "the owner of this secret is decided at apply")
}

_owned := [secret |
	some secret in secrets.declared
	secret.kind in {"secret", "parameter", "object"}
	not secret.store in _without_metadata
]

# The first version of Vault's key-value engine keeps nothing beside the value.
_without_metadata := {"vault_kv_v1"}

_has_owner_tag(secret) if {
	some key in thresholds.owner_tags
	value := secret.tags[key]
	not value in {"", null}
}
