package main

import data.lib.message
import data.lib.plan

violation_wildcard contains message.at(resource, sprintf("statement %d allows %v", [index, action])) if {
	some resource in plan.resources
	some attribute in ["policy", "inline_policy", "assume_role_policy"]
	text := resource.change.after[attribute]
	is_string(text)
	json.is_valid(text)
	document := json.unmarshal(text)
	some index, statement in as_array(document.Statement)
	statement.Effect == "Allow"
	some action in as_array(statement.Action)
	endswith(action, "*")
}

as_array(value) := value if is_array(value)

as_array(value) := [value] if not is_array(value)
