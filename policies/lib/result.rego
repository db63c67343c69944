# The shape of what a rule says: where, and one sentence. A rule builds its findings with these functions only.
package secretlint.lib.result

import rego.v1

# A finding about a field of a fact. `path` begins with the name of a fact field, which is replaced by where that field stands in the
# resource: ["principals"] becomes ["policy", "Statement", 0, "Principal"]. An empty path is the resource as a whole.
at(fact, path, message) := inside(fact, _in_resource(fact, path), message)

# A finding about a field of a fact that may have no place in the resource, because its platform has no attribute for it: the finding is then
# about the resource as a whole.
about(fact, field, message) := inside(fact, object.get(fact.paths, field, []), message)

# A finding at a path that is already one of the resource's attributes.
inside(fact, path, message) := {"address": fact.address, "path": path, "message": message}

# A finding that points to further places as well: `labels` is an array of {"path", "message"}.
labelled(finding, labels) := object.union(finding, {"labels": labels})

# A finding with advice of its own, better than the rule's general remediation.
helped(finding, help) := object.union(finding, {"help": help})

_in_resource(fact, path) := array.concat(fact.paths[path[0]], array.slice(path, 1, count(path)))

_in_resource(fact, path) := path if {
	field := path[0]
	not fact.paths[field]
}

# Said by itself: OPA takes `path[0]` out of a `not` around it, so without a first step the `not` is undefined there, and true in regorus.
_in_resource(_, path) := path if count(path) == 0
