# The numbers and names a team may configure, each with the default that holds without a configuration, so that a rule gives the
# same answer when the facts are evaluated by another tool.
package secretlint.lib.thresholds

import rego.v1

# Longest time between two rotations of a secret, in days.
default rotation_max_days := 90

rotation_max_days := input.config.thresholds.rotation_max_days

# Longest time between two rotations of an encryption key, in days.
default key_rotation_max_days := 365

key_rotation_max_days := input.config.thresholds.key_rotation_max_days

# Shortest time for which the previous value stays valid after a rotation, in hours.
default grace_min_hours := 1

grace_min_hours := input.config.thresholds.grace_min_hours

# Longest time for which a certificate is valid, in days.
default certificate_max_days := 398

certificate_max_days := input.config.thresholds.certificate_max_days

# Shortest time for which a deleted secret can be brought back, in days.
default recovery_min_days := 7

recovery_min_days := input.config.thresholds.recovery_min_days

# Farthest end of a grant that ends, in days from the plan.
default grant_max_days := 90

grant_max_days := input.config.thresholds.grant_max_days

# Longest life of a token, in days.
default token_max_days := 90

token_max_days := input.config.thresholds.token_max_days

# Shortest time for which it is kept who read which secret, in days.
default audit_retention_min_days := 90

audit_retention_min_days := input.config.thresholds.audit_retention_min_days

# Least entropy of a generated secret, in bits.
default generated_min_bits := 80

generated_min_bits := input.config.thresholds.generated_min_bits

# Tags, labels and annotations that name an owner.
default owner_tags := ["owner", "Owner", "team", "Team"]

owner_tags := input.config.thresholds.owner_tags

# Principals that rules on who may read a secret accept; an ending `*` stands for any rest.
default allowed_principals := []

allowed_principals := input.config.thresholds.allowed_principals

# Accounts, projects and tenants that count as one's own.
default trusted_accounts := []

trusted_accounts := input.config.thresholds.trusted_accounts
