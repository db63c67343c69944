# METADATA
# title: A secret value is in a Kubernetes manifest or Helm value
# description: >-
#   A manifest and the values of a Helm release are kept whole: in the plan, in the state, in the annotation with the last applied
#   configuration, and in Helm's own release Secrets, one for each revision. The values of a release are printed by `helm get values`
#   and by each diff, and base64 under `data` is no different from plain text.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/configuration/secret/#information-security-for-secrets
#   description: Secrets of Kubernetes and what guards them
# - ref: https://helm.sh/docs/topics/advanced/#storage-backends
#   description: Where Helm keeps the values of a release
# - ref: https://external-secrets.io/latest/
#   description: External Secrets, whose manifests name a secret and hold none
# custom:
#   severity: high
#   remediation: >-
#     Let the cluster fetch the value: an ExternalSecret or SecretProviderClass names the secret, and the chart is told the name of
#     the Secret (`existingSecret`). Where a value has to go through Terraform, use `set_wo` of a `helm_release` or `data_wo` of a
#     `kubernetes_secret_v1` with an ephemeral value. Then change the value.
#   references: [CWE-312, CWE-522]
#   covers: []
#   aliases: []
package secretlint.value.in_kubernetes_manifest

import rego.v1

import data.secretlint.lib.exposures
import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some exposure in exposures.of_kind("manifest")
	message := sprintf("this manifest holds a secret value%s", [exposures.through(exposure)])
	finding := _advised(exposure, result.inside(exposure, exposure.path, message))
}

_advised(exposure, finding) := finding if facts.absent(exposure, "write_only_alternative")

_advised(exposure, finding) := result.helped(finding, message) if {
	not facts.absent(exposure, "write_only_alternative")
	message := sprintf("`%s` keeps the value out of the state", [exposure.write_only_alternative])
}
