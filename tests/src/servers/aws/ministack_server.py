"""ministack with its faults corrected, on 127.0.0.1. The environment says where, and whether it enforces policies.

    python ministack_server.py [--as-it-is]

What can be said in terms of the API stands in `corrections.py`; here is what needs ministack's own state. `API_…` is a page of
https://docs.aws.amazon.com/secretsmanager/latest/apireference/.
"""

import json
import sys
import threading
import time

from ministack.app import main
from ministack.services import secretsmanager as service

import corrections
from corrections import Refused

HANDLE = service.handle_request
LOCK = threading.RLock()


# --- calls that ministack has wrong, or not at all --------------------------------------------------------------------------

def create(call, operation, request):
    """The token is not the version's id, a secret without a value has a version, and AddReplicaRegions is ignored.
    API_CreateSecret: ClientRequestToken "becomes the VersionId of the new version", and the same one with the same value is a replay."""
    if operation != "CreateSecret":
        return call(operation, request)
    token, values = request.get("ClientRequestToken"), {name: request.get(name) for name in ("SecretString", "SecretBinary")}
    has_value = any(value is not None for value in values.values())
    _, existing = service._resolve(request["Name"])
    if existing is not None and has_value and token in existing["Versions"]:
        version = existing["Versions"][token]
        if all(version.get(name) == value for name, value in values.items()):
            return {"ARN": existing["ARN"], "Name": existing["Name"], "VersionId": token}
        raise Refused("ResourceExistsException", f"You can't use ClientRequestToken {token} because that value is already in use for "
                      f"a version of secret {existing['ARN']}.")
    answer = call(operation, {name: value for name, value in request.items() if name != "AddReplicaRegions"})
    _, secret = service._resolve(answer["ARN"])
    (version,) = secret["Versions"].values()
    secret["Versions"] = {token or answer["VersionId"]: version} if has_value else {}
    answer.pop("VersionId")
    if has_value:
        answer["VersionId"] = token or next(iter(secret["Versions"]))
    if request.get("AddReplicaRegions"):
        made = call("ReplicateSecretToRegions", {"SecretId": answer["ARN"], "AddReplicaRegions": request["AddReplicaRegions"],
                                                 "ForceOverwriteReplicaSecret": request.get("ForceOverwriteReplicaSecret", False)})
        answer["ReplicationStatus"] = made["ReplicationStatus"]
    return answer


def put(call, operation, request):
    """With AWSCURRENT the other labels are dropped; a label stays on the version that had it; a first version is not current by itself;
    a version that loses its last label is gone at once. API_PutSecretValue; versions of the last 24 hours are kept."""
    if operation != "PutSecretValue":
        return call(operation, request)
    _, secret = service._resolve(request["SecretId"])
    if secret is None or service._is_replica(secret):
        return call(operation, request)
    if "SecretString" not in request and "SecretBinary" not in request:
        raise Refused("InvalidRequestException", "You must provide either SecretString or SecretBinary.")
    labels = list(request.get("VersionStages") or ["AWSCURRENT"])
    if not secret["Versions"] and "AWSCURRENT" not in labels:
        labels.append("AWSCURRENT")
    holder, _ = service._find_stage_version(secret, "AWSCURRENT")
    token, now = request.get("ClientRequestToken") or service.new_uuid(), int(time.time())
    for label in labels:
        service._remove_stage_everywhere(secret, label)
    if "AWSCURRENT" in labels and holder and "AWSPREVIOUS" not in labels:
        service._remove_stage_everywhere(secret, "AWSPREVIOUS")
        service._add_stage(secret, holder, "AWSPREVIOUS")
    secret["Versions"][token] = {"SecretString": request.get("SecretString"), "SecretBinary": request.get("SecretBinary"),
                                 "CreatedDate": now, "Stages": labels}
    secret["LastChangedDate"] = now
    service._sync_replicas(secret)
    return {"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token, "VersionStages": list(labels)}


def replicas(call, operation, request):
    """There is no RemoveRegionsFromReplication and no StopReplicationToReplica, and the key of a replica cannot be changed.
    API_RemoveRegionsFromReplication, API_StopReplicationToReplica; user guide, create-manage-multi-region-secrets.html."""
    if operation not in ("RemoveRegionsFromReplication", "StopReplicationToReplica", "UpdateSecret"):
        return call(operation, request)
    key, secret = service._resolve(request["SecretId"])
    if operation == "UpdateSecret":
        if secret is None or not service._is_replica(secret) or "KmsKeyId" not in request or "Description" in request:
            return call(operation, request)
        secret["KmsKeyId"] = request["KmsKeyId"]
        for _, primary in service._secrets.items_scoped(service.get_account_id(), secret["_PrimaryRegion"]):
            if primary["ARN"] == secret["_PrimarySecretArn"]:
                for status in primary["ReplicationStatus"]:
                    if status["Region"] == service.get_region():
                        status["KmsKeyId"] = request["KmsKeyId"]
        return {"ARN": secret["ARN"], "Name": secret["Name"]}
    if secret is None:
        raise Refused("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
    if operation == "StopReplicationToReplica":
        if not service._is_replica(secret):
            raise Refused("InvalidParameterException", "Operation not permitted on a primary secret.")
        service._unlink_from_primary(secret)
        del secret["_PrimarySecretArn"], secret["_PrimaryRegion"]
        return {"ARN": secret["ARN"]}
    if service._is_replica(secret):
        raise Refused("InvalidParameterException", "Operation not permitted on a replica secret. Call must be made in primary secret's "
                      "region.")
    leaving = [status for status in secret["ReplicationStatus"] if status["Region"] in request["RemoveReplicaRegions"]]
    staying = [status for status in secret["ReplicationStatus"] if status not in leaving]
    secret["ReplicationStatus"] = leaving
    service._delete_replicas(secret)
    secret["ReplicationStatus"] = staying
    return {"ARN": secret["ARN"], "ReplicationStatus": staying}


def lambda_lets_in(arn):
    """RotateSecret asks no function's policy. User guide, troubleshoot_rotation.html: the function must let Secrets Manager in."""
    from ministack.services import lambda_svc

    found = lambda_svc.function_policy_for_arn(arn)
    return found is not None and corrections.lets_in(json.dumps(found[0]))


CORRECTIONS = [
    corrections.limits,
    corrections.deleted_refuses,
    corrections.policies_are_looked_at,
    corrections.Rotations(lambda_lets_in),
    corrections.replicas_go_first,
    corrections.forced_deletion_of_nothing_succeeds,
    corrections.no_value_is_not_found,
    corrections.token_is_version,
    corrections.twenty_labels,
    corrections.labels_of_one_version,
    corrections.default_key_is_not_shown,
    corrections.deprecated_is_not_listed,
    create,
    put,
    replicas,
]


async def handle_request(method, path, headers, body, query_params):
    """ministack's own, with the corrections around it."""
    def call(operation, request):
        told = HANDLE(method, path, {**headers, "x-amz-target": f"secretsmanager.{operation}"}, json.dumps(request).encode(), query_params)
        try:
            # It never waits for anything.
            told.send(None)
        except StopIteration as ended:
            status, _, answer = ended.value
        answer = json.loads(answer)
        if status >= 400:
            raise Refused(answer["__type"], answer["message"])
        return answer

    operation = headers.get("x-amz-target", "").split(".")[-1]
    if operation == "BatchGetSecretValue":
        return await HANDLE(method, path, headers, body, query_params)
    try:
        with LOCK:
            return service.json_response(corrections.stacked(CORRECTIONS, call)(operation, json.loads(body or b"{}")))
    except Refused as refused:
        return service.error_response_json(refused.code, refused.message, 400)


if __name__ == "__main__":
    if "--as-it-is" not in sys.argv:
        service.handle_request = handle_request
    sys.argv[1:] = []
    main()
