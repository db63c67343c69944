package lib.tags

import data.lib.plan

of(resource) := object.union(
	_object(plan.attribute(resource, "tags", {})),
	_object(plan.attribute(resource, "labels", {})),
)

_object(value) := value if is_object(value)

_object(value) := {} if not is_object(value)
