# METADATA
# title: A connection string carries its password
# description: >-
#   A password inside a URL or connection string is hard to see and travels far: drivers and proxies log the whole string, error
#   messages quote it, tools split it off into settings and process arguments. Because address and password are one value, a rotation of
#   the password means a deployment, and is put off.
# related_resources:
# - ref: https://www.postgresql.org/docs/current/libpq-pgpass.html
#   description: A password file for PostgreSQL, beside a connection string without one
# - ref: https://learn.microsoft.com/sql/connect/ado-net/connection-string-syntax
#   description: Connection strings that need no password, SQL Server
# - ref: https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1
#   description: Why a password in a URL is deprecated
# custom:
#   severity: high
#   remediation: >-
#     Keep host, port, database and user in the string and leave the password out: let the program fetch it from a secret store by
#     name, or let it log in without one (IAM authentication, managed identity, a certificate). Then change the password.
#   references: [CWE-798, CWE-522, CWE-312]
#   covers:
#     - CKV_SECRET_4
#   aliases: []
package secretlint.value.in_connection_string

import rego.v1

import data.secretlint.lib.exposures
import data.secretlint.lib.result

findings contains finding if {
	some exposure in exposures.told_by("in_connection_string")
	message := sprintf("%s%s", [_messages[exposure.kind], exposures.through(exposure)])
	finding := result.inside(exposure, exposure.path, message)
}

_messages := {
	"literal": "the password of this connection string is written here",
	"in_state": "this connection string is kept in the state with its password",
}
