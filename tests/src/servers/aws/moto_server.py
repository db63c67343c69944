"""moto with its faults corrected, on 127.0.0.1.

    python moto_server.py PORT [--as-it-is]

What can be said in terms of the API stands in `corrections.py`; here is what needs moto's own state. `API_…` is a page of
https://docs.aws.amazon.com/secretsmanager/latest/apireference/.
"""

import io
import json
import os
import re
import sys
import threading

import moto.server
from moto.awslambda.utils import get_backend as lambda_backend
from moto.kms.models import Key, KmsBackend
from moto.secretsmanager import models

import corrections
from corrections import Refused

FakeSecret, ReplicaSecret, Backend = models.FakeSecret, models.ReplicaSecret, models.SecretsManagerBackend
ACCOUNT = os.environ.get("MOTO_ACCOUNT_ID", "123456789012")


# --- moto's own state -------------------------------------------------------------------------------------------------------

def reset_default_version(self, version, version_id):
    """A put takes all labels off the version that was written last, custom ones too, and calls that one AWSPREVIOUS even where another
    one was current. API_PutSecretValue: AWSPREVIOUS goes to "the version that AWSCURRENT was removed from"."""
    holder = next((each for each in self.versions.values() if "AWSCURRENT" in each["version_stages"]), None)
    self.remove_version_stages_from_old_versions(version["version_stages"])
    if holder is not None and "AWSPREVIOUS" not in version["version_stages"]:
        self.remove_version_stages_from_old_versions(["AWSPREVIOUS"])
        holder["version_stages"].append("AWSPREVIOUS")
    self.versions[version_id] = version
    self.default_version_id = version_id


def list_secret_version_ids(self, secret_id):
    """Every version was created now, the ARN is the name, and a missing secret is an internal error. API_ListSecretVersionIds."""
    if secret_id not in self.secrets:
        raise models.SecretNotFoundException()
    secret = self.secrets[secret_id]
    versions = [{"VersionId": version_id, "VersionStages": version["version_stages"], "CreatedDate": version["createdate"]}
                for version_id, version in secret.versions.items()]
    return json.dumps({"ARN": secret.arn, "Name": secret.name, "Versions": versions})


def update_secret(self, secret_id, description=None, _original=Backend.update_secret, **rest):
    """A description cannot be emptied. API_UpdateSecret, Description: no minimum length."""
    answer = _original(self, secret_id, description=description, **rest)
    if description == "":
        self.secrets[secret_id].description = None
    return answer


def create_replicas(self, replica_regions, force_overwrite, _original=FakeSecret.create_replicas):
    """The key of a replica is always the default one. API_ReplicaRegionType, KmsKeyId."""
    replicas = _original(self, replica_regions, force_overwrite)
    for replica, wanted in zip(replicas, replica_regions):
        if wanted.get("KmsKeyId"):
            replica.config["KmsKeyId"] = wanted["KmsKeyId"]
    return replicas


def by_any_name(original):
    """A key is found by its id only. https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html, KeyId: or by its ARN."""
    def method(self, key_id, *arguments, **named):
        return original(self, self.get_key_id(key_id), *arguments, **named)
    return method


def add_grant(self, name, grantee_principal, operations, constraints, retiring_principal, _original=Key.add_grant):
    """A grant that is made again is another one. https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html, Name: with
    identical parameters "the original GrantId is returned without creating a new grant"."""
    for grant in self.grants.values():
        same = (grant.name, grant.grantee_principal, grant.operations, grant.constraints, grant.retiring_principal)
        if name and same == (name, grantee_principal, operations, constraints, retiring_principal):
            return grant
    return _original(self, name, grantee_principal, operations, constraints, retiring_principal)


def correct_state():
    Key.add_grant = add_grant
    FakeSecret.reset_default_version = reset_default_version
    FakeSecret.create_replicas = create_replicas
    Backend.list_secret_version_ids = list_secret_version_ids
    Backend.update_secret = update_secret
    for name in ("disable_key", "enable_key", "cancel_key_deletion", "schedule_key_deletion"):
        setattr(KmsBackend, name, by_any_name(getattr(KmsBackend, name)))


# --- calls ------------------------------------------------------------------------------------------------------------------

def replica_key(backend, request):
    """UpdateSecret on a replica is refused altogether. User guide, create-manage-multi-region-secrets.html: of a replica, the
    encryption key can be changed."""
    replica = backend.secrets.get(request["SecretId"])
    if isinstance(replica, ReplicaSecret) and request.get("KmsKeyId") and "Description" not in request:
        replica.config["KmsKeyId"] = request["KmsKeyId"]
        return {"ARN": replica.arn, "Name": replica.name}
    return None


def replica_described(backend, request, answer):
    """A replica is described with the key of its primary. API_DescribeSecret, KmsKeyId."""
    replica = backend.secrets.get(request["SecretId"])
    if isinstance(replica, ReplicaSecret):
        answer["KmsKeyId"] = replica.config["KmsKeyId"]
        answer.pop("ReplicationStatus", None)
    return answer


def stop_replication(backend, request):
    """Answers 500. API_StopReplicationToReplica: the replica becomes a secret of its own."""
    replica = backend.secrets.get(request["SecretId"])
    if replica is None:
        raise Refused("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
    if not isinstance(replica, ReplicaSecret):
        raise Refused("InvalidParameterException", "Operation not permitted on a primary secret.")
    source = replica.source
    alone = FakeSecret(account_id=source.account_id, region_name=replica.region, secret_id=source.name, secret_version={},
                       version_id="", description=source.description, tags=source.tags, kms_key_id=replica.config["KmsKeyId"],
                       last_changed_date=source.last_changed_date, created_date=source.created_date)
    alone.arn, alone.default_version_id = replica.arn, source.default_version_id
    alone.versions = {version_id: {**version, "version_stages": list(version["version_stages"])}
                      for version_id, version in source.versions.items()}
    source.replicas.remove(replica)
    dict.pop(backend.secrets, replica.arn)
    backend.secrets[source.name] = alone
    return {"ARN": alone.arn}


def lambda_lets_in(arn):
    """RotateSecret asks no function's policy. User guide, troubleshoot_rotation.html: the function must let Secrets Manager in."""
    parts = arn.split(":")
    try:
        function = lambda_backend(parts[4], parts[3]).get_function(arn)
    except Exception:
        return False
    return corrections.lets_in(json.dumps({"Statement": function.policy.statements}))


class OneAtATime(moto.server.DomainDispatcherApplication):
    """Requests one after the other: moto changes dictionaries while another request walks through them."""

    one_turn = threading.Lock()

    def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ = {**environ, "wsgi.input": io.BytesIO(body)}
        with self.one_turn:
            status, headers, answer = self.ask(environ, body)
        start_response(status, headers)
        return [answer]

    def ask(self, environ, body):
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if not target.startswith("secretsmanager."):
            return self.double(environ)
        try:
            answer = CORRECTED(environ)(target.split(".")[1], json.loads(body or b"{}"))
            status = "200 OK"
        except Refused as refused:
            answer, status = {"__type": refused.code, "message": refused.message}, "400 Bad Request"
        answer = json.dumps(answer).encode()
        return status, [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(answer)))], answer

    def double(self, environ):
        told = []
        chunks = super().__call__(environ, lambda status, headers, *_: told.extend((status, headers)))
        answer = b"".join(chunks)
        return told[0], told[1], answer


def call_to_moto(environ, operation, request):
    """One call as the caller of `environ`."""
    scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    backend = models.secretsmanager_backends[ACCOUNT][scope[1] if scope else "us-east-1"]
    if operation == "StopReplicationToReplica":
        return stop_replication(backend, request)
    if operation == "UpdateSecret" and (answer := replica_key(backend, request)):
        return answer
    body = json.dumps(request).encode()
    environ = {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body)),
               "HTTP_X_AMZ_TARGET": f"secretsmanager.{operation}"}
    status, _, answer = APPLICATION.double(environ)
    try:
        answer = json.loads(answer)
    except ValueError:
        raise Refused("InternalServiceError", f"moto answers {status}") from None
    if not status.startswith("2"):
        raise Refused(answer.get("__type", status), answer.get("message", ""))
    if operation == "DescribeSecret":
        answer = replica_described(backend, request, answer)
    if operation in ("ReplicateSecretToRegions", "RemoveRegionsFromReplication"):
        # They answer with what was asked about, and not with its ARN.
        answer["ARN"] = backend.secrets[request["SecretId"]].arn
    return answer


ROTATIONS = corrections.Rotations(lambda_lets_in)
CORRECTIONS = [
    corrections.limits,
    corrections.deleted_refuses,
    corrections.policies_are_looked_at,
    ROTATIONS,
    corrections.current_is_default,
    corrections.no_value_is_not_found,
    corrections.token_is_version,
    corrections.twenty_labels,
    corrections.labels_of_one_version,
    corrections.default_key_is_not_shown,
    corrections.deprecated_is_not_listed,
]


def CORRECTED(environ):
    return corrections.stacked(CORRECTIONS, lambda operation, request: call_to_moto(environ, operation, request))


if __name__ == "__main__":
    if "--as-it-is" not in sys.argv:
        correct_state()

        def application(create_backend_app):
            global APPLICATION
            APPLICATION = OneAtATime(create_backend_app)
            return APPLICATION

        moto.server.DomainDispatcherApplication, APPLICATION = application, None
    moto.server.main(["-H", "127.0.0.1", "-p", sys.argv[1]])
