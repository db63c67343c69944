# METADATA
# title: A Kubernetes Secret is where a value lives
# description: >-
#   A Kubernetes Secret is made for handing a value to a workload, not for keeping it: there are no versions, no recovery, no rotation and no log
#   of readers, and everybody who may start a pod in the namespace may read it. If the value was born in the configuration, the cluster holds the
#   only copy that anybody will ever find. Reported are Kubernetes Secrets whose value is written in the configuration, or made by it for them
#   alone. A copy of what a store keeps is not reported.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
#   description: Good practices for Secrets in Kubernetes
# - ref: https://external-secrets.io/latest/introduction/overview/
#   description: External Secrets, which copies from a store
# - ref: https://secrets-store-csi-driver.sigs.k8s.io/introduction
#   description: Secrets Store CSI Driver, which mounts from a store
# custom:
#   severity: medium
#   remediation: >-
#     Keep the value in a secret store, and bring it to the cluster from there: an `ExternalSecret`, a `SecretProviderClass`, or, in Terraform,
#     `data_wo` of a `kubernetes_secret_v1` with an ephemeral resource that reads the store.
#   references: [CWE-522, CIS Kubernetes 5.4.2]
#   covers: []
#   aliases: []
package secretlint.delivery.kubernetes_source_of_truth

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result
import data.secretlint.lib.secrets

findings contains finding if {
	some object in _objects
	object.value_source == "literal"
	finding := result.about(object, "value", "the value of this Kubernetes Secret is written here and kept in no store")
}

findings contains finding if {
	some object in _objects
	object.value_source != "literal"
	some generator in facts.declared(input.generators)
	object.address in generator.feeds
	every fed in generator.feeds { _is_object(fed) }
	message := sprintf("`%s` makes the value of this Kubernetes Secret, and no store keeps it", [generator.address])
	finding := result.about(object, "value", message)
}

undetermined contains finding if {
	some object in _objects
	facts.is_unknown(object, "value_source")
	finding := result.about(object, "value", "where the value of this Kubernetes Secret comes from is decided at apply")
}

_objects := [secret |
	some secret in secrets.declared
	secret.kind == "object"
]

_is_object(address) if {
	some object in _objects
	object.address == address
}
