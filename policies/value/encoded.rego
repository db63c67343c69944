# METADATA
# title: A secret value is hidden behind an encoding
# description: >-
#   Base64 and gzip are ways of writing, not of keeping secret: everybody can undo them without a key. What they do hide is the value
#   from reviewers, from search and from scanners that look at plain text, so that an encoded secret stays in a repository or a state
#   for longer than one that is written openly.
# related_resources:
# - ref: https://www.rfc-editor.org/rfc/rfc4648#section-12
#   description: Base64 gives no confidentiality
# - ref: https://developer.hashicorp.com/terraform/language/functions/base64encode
#   description: What base64encode does
# - ref: https://developer.hashicorp.com/terraform/language/manage-sensitive-data
#   description: How to keep a value out of configuration and state
# custom:
#   severity: high
#   remediation: >-
#     Take the value out of the encoded document and let the program that reads the document fetch it from a secret store; where a
#     provider wants base64, pass an ephemeral value to its write-only argument. Then change the value.
#   references: [CWE-261, CWE-312]
#   covers:
#     - CKV_SECRET_6
#   aliases: []
package secretlint.value.encoded

import rego.v1

import data.secretlint.lib.exposures
import data.secretlint.lib.result

findings contains finding if {
	some exposure in exposures.told_by("encoded")
	message := sprintf("a secret value %s here%s", [_verbs[exposure.kind], exposures.through(exposure)])
	finding := result.inside(exposure, exposure.path, message)
}

_verbs := {"literal": "is written", "in_state": "is kept in the state"}
