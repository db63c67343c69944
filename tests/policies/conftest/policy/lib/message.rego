package lib.message

at(resource, text) := {
	"msg": sprintf("%s: %s", [resource.address, text]),
	"address": resource.address,
	"type": resource.type,
}
