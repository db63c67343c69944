# The secrets that rules are about. A rule of its own package, so that a plan of many secrets is gone through once for all rules that ask.
package secretlint.lib.secrets

import rego.v1

import data.secretlint.lib.facts

# Secrets that this configuration declares, and that will be there after the apply.
declared := facts.declared(input.secrets)
