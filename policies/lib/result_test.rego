package secretlint.lib.result_test

import rego.v1

import data.secretlint.lib.result

_fact := {
	"address": "aws_iam_role_policy.main",
	"paths": {"principals": ["policy", "Statement", 0, "Principal"]},
}

test_at_replaces_a_fact_field_by_its_place_in_the_resource if {
	result.at(_fact, ["principals", "AWS"], "said") == {
		"address": "aws_iam_role_policy.main",
		"path": ["policy", "Statement", 0, "Principal", "AWS"],
		"message": "said",
	}
}

test_at_keeps_a_path_that_is_no_fact_field if {
	result.at(_fact, ["name"], "said").path == ["name"]
}

test_at_accepts_the_resource_as_a_whole if {
	result.at(_fact, [], "said").path == []
}

test_about_is_at_the_field_or_the_resource_as_a_whole if {
	result.about(_fact, "principals", "said").path == ["policy", "Statement", 0, "Principal"]
	result.about(_fact, "name", "said") == {"address": "aws_iam_role_policy.main", "path": [], "message": "said"}
}

test_inside_never_replaces if {
	result.inside(_fact, ["principals"], "said").path == ["principals"]
}

test_labels_and_help_are_added if {
	finding := result.at(_fact, [], "said")
	result.labelled(finding, [{"path": ["role"], "message": "for this role"}]) == {
		"address": "aws_iam_role_policy.main",
		"path": [],
		"message": "said",
		"labels": [{"path": ["role"], "message": "for this role"}],
	}
	result.helped(finding, "do this").help == "do this"
}
