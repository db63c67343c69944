package secretlint.value.weak_generator_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.value.weak_generator

test_reports_short_password if {
	_findings({"entropy_bits": 47.6}) == {_finding("this makes a secret of 47 bits, 80 are needed")}
}

test_reports_weak_secret_of_ours if {
	_findings({"kind": "generate", "feeds": [], "entropy_bits": 40}) == {
		_finding("this makes a secret of 40 bits, 80 are needed"),
	}
}

test_reports_secret_that_is_shown if {
	_findings({"shown": true}) == {_finding("this makes a secret and shows it in plans and logs")}
}

test_reports_one_thing_of_a_weak_secret_that_is_shown if {
	_findings({"shown": true, "entropy_bits": 32}) == {_finding("this makes a secret of 32 bits, 80 are needed")}
}

test_reports_by_the_configured_limit if {
	weak_generator.findings == {_finding("this makes a secret of 128 bits, 256 are needed")} with input.generators as [samples.generator({})]
		with input.config.thresholds.generated_min_bits as 256
}

test_points_to_the_attribute if {
	_findings({"entropy_bits": 40, "paths": {"entropy_bits": ["length"]}}) == {
		object.union(_finding("this makes a secret of 40 bits, 80 are needed"), {"path": ["length"]}),
	}
}

test_accepts_strong_password if _findings({}) == set()

test_accepts_the_limit_itself if _findings({"entropy_bits": 80}) == set()

test_accepts_suffix_of_a_name if _findings({"entropy_bits": 16, "shown": true, "feeds": []}) == set()

test_accepts_null if _findings({"entropy_bits": null}) == set()

test_accepts_deleted_generator if _findings({"entropy_bits": 16, "actions": ["delete"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"entropy_bits": null, "unknown": ["entropy_bits"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("how strong this secret will be is decided at apply")}
	_undetermined(object.union(changes, {"feeds": []})) == set()
}

test_determined_when_shown if {
	changes := {"entropy_bits": null, "unknown": ["entropy_bits"], "shown": true}
	_undetermined(changes) == set()
	_findings(changes) == {_finding("this makes a secret and shows it in plans and logs")}
}

test_silent_when_nothing_is_made if weak_generator.findings == set() with input.generators as []

_findings(changes) := said if {
	said := weak_generator.findings with input.generators as [samples.generator(changes)]
}

_undetermined(changes) := said if {
	said := weak_generator.undetermined with input.generators as [samples.generator(changes)]
}

_finding(message) := {"address": "random_password.main", "path": [], "message": message}
