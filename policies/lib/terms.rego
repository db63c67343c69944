# How far off the end of a grant or a credential is.
package secretlint.lib.terms

import rego.v1

# Days from the plan to a time in RFC 3339, rounded up; undefined for a text that is none. Counted from when the plan was made, so that a
# recorded plan gives the same answer tomorrow.
days_until(text) := ceil((time.parse_rfc3339_ns(text) - _planned_ns) / _day_ns) if {
	_is_time(text)
	_year(text) < _last_year
}

# Nanoseconds since 1970 end in 2262; "9999-12-31" means never, and the year says enough.
days_until(text) := (_year(text) - 2026) * 365 if {
	_is_time(text)
	_year(text) >= _last_year
}

_is_time(text) if {
	is_string(text)
	regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$`, text)
}

_year(text) := to_number(substring(text, 0, 4))

_last_year := 2262

_day_ns := 86400000000000

_planned_ns := time.parse_rfc3339_ns(input.planned_at) if {
	_is_time(input.planned_at)
} else := time.now_ns()
