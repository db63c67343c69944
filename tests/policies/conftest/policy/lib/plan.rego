# METADATA
# title: What every policy asks of a plan
package lib.plan

# Objects that will be there after the apply.
resources contains resource if {
	some resource in input.resource_changes
	resource.mode == "managed"
	not is_deleted(resource)
}

of_type(types) := {resource |
	some resource in resources
	resource.type in types
}

is_deleted(resource) if resource.change.actions == ["delete"]

attribute(resource, name, fallback) := object.get(resource.change.after, name, fallback) if is_object(resource.change.after)

is_unknown(resource, name) if resource.change.after_unknown[name] == true
