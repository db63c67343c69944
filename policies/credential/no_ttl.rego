# METADATA
# title: A token or password does not end soon
# description: >-
#   A token, an application's password or an AppRole's secret id that never ends works for whoever copies it, from a log, a backup or an
#   old laptop, until somebody thinks of revoking it. A short life does that by itself. The longest is `token_max_days` of the
#   configuration, 90 days without one. What Terraform makes anew in time (`time_rotating`, `rotate_when_changed`) is accepted whatever
#   end is written. Keys of a cloud account are said by `credential.static_cloud_key`, root tokens by `credential.root_token`.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/concepts/tokens#token-time-to-live-periodic-tokens-and-explicit-max-ttls
#   description: How long Vault's tokens live
# - ref: https://learn.microsoft.com/entra/identity-platform/security-best-practices-for-app-registration
#   description: Credentials of an Entra application
# - ref: https://docs.gitlab.com/security/tokens/
#   description: Tokens of GitLab and their ends
# custom:
#   severity: high
#   remediation: >-
#     Write an end: `explicit_max_ttl` of a Vault token, `secret_id_ttl` and `secret_id_num_uses` of an AppRole, `end_date` of an
#     application's password, `expires_at` of a GitLab token; and something that makes the next one before it. Better, use no stored
#     credential: a workload identity, an auth method of the platform, OpenID Connect from a pipeline.
#   references: [CWE-613, CWE-262, CWE-324]
#   covers:
#     - entra_app_registration_credential_not_expired
#   aliases: []
package secretlint.credential.no_ttl

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result
import data.secretlint.lib.terms
import data.secretlint.lib.thresholds

findings contains finding if {
	some credential in _candidates
	_never_ends(credential)
	finding := result.inside(credential, _path(credential), sprintf("this %s never ends", [_names[credential.kind]]))
}

findings contains finding if {
	some credential in _candidates
	not _never_ends(credential)
	days := _life_days(credential)
	days > thresholds.token_max_days
	message := sprintf("this %s lives for %v days, %v are allowed", [_names[credential.kind], days, thresholds.token_max_days])
	finding := result.inside(credential, _path(credential), message)
}

undetermined contains finding if {
	some credential in _candidates
	not _never_ends(credential)
	some field in ["ends", "ttl_seconds", "expires_at"]
	facts.is_unknown(credential, field)
	message := sprintf("when this %s ends is decided at apply", [_names[credential.kind]])
	finding := result.inside(credential, _path(credential), message)
}

_candidates := [credential |
	some credential in facts.declared(input.credentials)
	_names[credential.kind]
	not credential.renewed
]

_never_ends(credential) if credential.ends == false

_never_ends(credential) if {
	credential.ends == null
	credential.ttl_seconds == 0
}

_life_days(credential) := ceil(credential.ttl_seconds / 86400) if {
	is_number(credential.ttl_seconds)
	credential.ttl_seconds > 0
} else := terms.days_until(credential.expires_at)

# Where its end is written or would be.
_path(credential) := credential.paths.ttl_seconds if {
	credential.paths.ttl_seconds
} else := credential.paths.expires_at if {
	credential.paths.expires_at
} else := credential.path

_names := {
	"application_password": "application's password",
	"secret_id": "secret id",
	"token": "token",
}
