package secretlint.lib.terms_test

import rego.v1

import data.secretlint.lib.terms

test_days_are_counted_from_the_plan if {
	terms.days_until("2026-12-02T00:00:00Z") == 10 with input.planned_at as "2026-11-22T00:00:00Z"
	terms.days_until("2026-11-22T02:00:00+01:00") == 1 with input.planned_at as "2026-11-22T00:00:00Z"
	terms.days_until("2026-11-20T00:00:00Z") == -2 with input.planned_at as "2026-11-22T00:00:00Z"
}

test_days_are_counted_from_today_where_the_plan_does_not_say if {
	terms.days_until("2020-01-01T00:00:00Z") < 0 with input.planned_at as null
	terms.days_until("2200-01-01T00:00:00Z") > 30000 with input as {}
}

test_a_year_beyond_nanoseconds_is_far if {
	terms.days_until("9999-12-31T23:59:59Z") > 2000000 with input.planned_at as "2026-11-22T00:00:00Z"
}

test_a_text_that_is_no_time_has_no_days if {
	every text in ["", "never", "2026-12-02", "2026-13", null, 5] {
		not terms.days_until(text) with input.planned_at as "2026-11-22T00:00:00Z"
	}
}
