# METADATA
# title: The end of a grant is too far off
# description: >-
#   A grant that ends is worth its end: by then somebody has to ask again, and what nobody asks for is gone. An end years away, or the
#   year 9999, only looks like one. The longest time is `grant_max_days` of the configuration, 90 days without one, counted from when the
#   plan was made. A grant without an end is not reported here, and one that has ended opens nothing.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/configuring-temporary-access
#   description: Temporary access in Google Cloud
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws-dates.html
#   description: Policies that end in AWS
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, AC-2 on temporary and emergency accounts
# custom:
#   severity: medium
#   remediation: >-
#     Bring the end nearer, and prolong the grant by another change when it is still needed: that is the review. For access that is needed
#     for good leave the end out and say why in `reason`. A team that works with longer terms sets `grant_max_days` in `secretlint.hcl`.
#   references: [CWE-613, NIST AC-2(2)]
#   covers: []
#   aliases: []
package secretlint.grant.expiry_too_far

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.grants
import data.secretlint.lib.result
import data.secretlint.lib.terms
import data.secretlint.lib.thresholds

findings contains finding if {
	some grant in grants.allowing
	days := terms.days_until(grant.expires_at)
	days > thresholds.grant_max_days
	message := sprintf("this grant ends in %v days, %v are allowed", [days, thresholds.grant_max_days])
	finding := result.at(grant, ["expires_at"], message)
}

undetermined contains finding if {
	some grant in grants.allowing
	facts.is_unknown(grant, "expires_at")
	finding := result.at(grant, ["expires_at"], "when this grant ends is decided at apply")
}
