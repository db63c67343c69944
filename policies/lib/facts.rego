# Questions that every rule asks of a fact. Unknown, null and absent are three things: a rule that reports what is missing asks
# `absent`, which is false for a value that is decided at apply.
package secretlint.lib.facts

import rego.v1

# Functions and not rules, because regorus evaluates every rule of a package of which one is asked for.

# Of a list of facts, those whose resource is still there after the apply.
remaining(list) := [fact |
	some fact in list
	fact.actions != ["delete"]
	fact.actions != ["forget"]
]

# As `remaining`, without what data sources merely read: what somebody else declared is not this configuration's to mend.
declared(list) := [fact |
	some fact in list
	fact.mode != "data"
	fact.actions != ["delete"]
	fact.actions != ["forget"]
]

# The field is decided at apply.
is_unknown(fact, field) if field in fact.unknown

# The configuration leaves the field out, sets it to null, or to an empty text.
absent(fact, field) if {
	not is_unknown(fact, field)
	object.get(fact, field, null) in {null, ""}
}
