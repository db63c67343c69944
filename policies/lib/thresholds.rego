# The numbers and names a team may set in its configuration, each with the default that holds without one, so that a rule gives the
# same answer when the facts are evaluated by another tool.
package secretlint.lib.thresholds

import rego.v1

# Longest time between two rotations, in days.
default rotation_max_days := 90

rotation_max_days := input.config.thresholds.rotation_max_days

# Shortest time for which a deleted secret can be brought back, in days.
default recovery_min_days := 7

recovery_min_days := input.config.thresholds.recovery_min_days

# Tags, labels and annotations that name an owner.
default owner_tags := ["owner", "Owner", "team", "Team"]

owner_tags := input.config.thresholds.owner_tags
