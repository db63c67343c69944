# METADATA
# title: A grant decrypts with every key
# description: >-
#   Encryption with a key of one's own keeps apart who may fetch a value and who may read it. A holder that may decrypt with every key of
#   an account, a project, a subscription, a key ring or a transit mount undoes that for all of them: backups, disks, the state, the
#   secrets of other teams. A statement is not reported when a condition confines the keys, to one service (`kms:ViaService`), an
#   encryption context or an alias. A policy of a key speaks of that key alone.
# related_resources:
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html
#   description: KMS.1 and KMS.2, decryption with all keys
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html
#   description: Good practices for IAM policies on KMS keys
# - ref: https://cloud.google.com/kms/docs/iam
#   description: Access control of Cloud KMS
# - ref: https://developer.hashicorp.com/vault/docs/secrets/transit
#   description: Keys of Vault's transit engine
# custom:
#   severity: high
#   remediation: >-
#     Name the key: its ARN in `Resource`, `google_kms_crypto_key_iam_member` in place of a binding on the project or key ring, the key's
#     own path in Vault (`transit/decrypt/orders`), the key's resource id as the `scope` of an Azure role. Where a service decrypts on the
#     holder's behalf, add a condition on `kms:ViaService`.
#   references: [CWE-732, CWE-250, AWS FSBP KMS.1, AWS FSBP KMS.2]
#   covers:
#     - CKV_AWS_355
#     - CKV_AWS_356
#   aliases: []
package secretlint.grant.decrypt_any_key

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.grants
import data.secretlint.lib.reach
import data.secretlint.lib.result

findings contains finding if {
	some grant in _candidates
	grant.kind == "identity_policy"
	some resource in grant.resources
	reach.names_all(resource)
	finding := result.at(grant, ["resources"], sprintf("may decrypt with every key that `%s` matches", [resource]))
}

findings contains finding if {
	some grant in _candidates
	grant.kind != "identity_policy"
	place := _places[grant.scope]
	message := sprintf("%s may decrypt with every key of %s", [_holder(grant), place])
	finding := result.at(grant, [_field(grant)], message)
}

undetermined contains finding if {
	some grant in _candidates
	grant.kind == "identity_policy"
	facts.is_unknown(grant, "resources")
	finding := result.at(grant, ["resources"], "with which keys this may decrypt is decided at apply")
}

undetermined contains finding if {
	some grant in _candidates
	facts.is_unknown(grant, "scope")
	finding := result.at(grant, ["scope"], "with which keys this may decrypt is decided at apply")
}

# Without what `NotResource` leaves open, which `grant.negated` says.
_candidates := [grant |
	some grant in grants.allowing
	grant.decrypts_only
	not grant.administrator
	not "resources" in grant.negated
	not grants.resources_narrowed(grant)
]

# A key ring, a Key Vault and a transit mount are stores of keys.
_places := {
	"folder": "the folder",
	"management_group": "the management group",
	"organization": "the organisation",
	"project": "the project",
	"resource_group": "the resource group",
	"server": "the server",
	"store": "the store",
	"subscription": "the subscription",
}

_field(grant) := "resources" if {
	grant.kind == "acl_policy"
} else := grants.breadth_place(grant)

_holder(grant) := sprintf("whoever has `%s`", [grant.role]) if {
	is_string(grant.role)
} else := "whoever has this"
