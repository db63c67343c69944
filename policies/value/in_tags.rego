# METADATA
# title: A secret value is in a tag, label, annotation or description
# description: >-
#   Tags, labels, annotations, names and descriptions are made to be read: inventories, bills, dashboards and log lines copy them,
#   reading them takes the weakest right a platform has, and no platform encrypts or audits them like a secret. Only values that their
#   own text gives away are reported here, never one because of its key.
# related_resources:
# - ref: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
#   description: Tags are not for sensitive data, AWS
# - ref: https://cloud.google.com/resource-manager/docs/labels-overview
#   description: Labels are not for sensitive data, Google Cloud
# - ref: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources
#   description: Tags are stored as plain text, Azure
# - ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/
#   description: Annotations, Kubernetes
# custom:
#   severity: high
#   remediation: >-
#     Take the value out of the label, put it into a secret store, and write the name of the secret there if a reader needs it. Then
#     change the value: inventories and logs have copied the old one.
#   references: [CWE-200, CWE-312]
#   covers: []
#   aliases: []
package secretlint.value.in_tags

import rego.v1

import data.secretlint.lib.exposures
import data.secretlint.lib.result

findings contains finding if {
	some exposure in exposures.of_kind("tag")
	message := sprintf("whoever may list this resource reads a secret value here%s", [exposures.through(exposure)])
	finding := result.inside(exposure, exposure.path, message)
}
