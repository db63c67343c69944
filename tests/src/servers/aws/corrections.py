"""What AWS documents of Secrets Manager and neither double does, in terms of the API alone.

A correction is a function `(call, operation, request)` around the call to the double: it answers, refuses, or passes the call on with
`call(operation, request)`, which goes to the corrections after it and then to the double. Each says the fault and the page that
says what is right. `API_…` is a page of https://docs.aws.amazon.com/secretsmanager/latest/apireference/.
"""

import base64
import functools
import json
import re
import time

POLICY_OPERATIONS = {"PutResourcePolicy", "GetResourcePolicy", "DeleteResourcePolicy", "ValidateResourcePolicy"}
# What may still be asked about a secret that is scheduled for deletion.
FOR_DELETED = {"DescribeSecret", "ListSecretVersionIds", "ListSecrets", "RestoreSecret", "DeleteSecret", "CreateSecret",
               "GetRandomPassword", "BatchGetSecretValue"}


class Refused(Exception):
    """An error of the service."""

    def __init__(self, code, message):
        super().__init__(code, message)
        self.code, self.message = code, message


def stacked(corrections, call):
    """The call to a double with these corrections around it, the first outermost."""
    for correction in reversed(corrections):
        call = functools.partial(correction, call)
    return call


# --- what a request may say -------------------------------------------------------------------------------------------------

def limits(call, operation, request):
    """Neither double looks at lengths and characters. API_CreateSecret, API_PutSecretValue, API_Tag: the length constraints."""
    name = request.get("Name")
    if operation == "CreateSecret" and not re.fullmatch(r"[A-Za-z0-9/_+=.@-]{1,512}", name or ""):
        raise Refused("ValidationException", "Invalid name. Must be a valid name containing alphanumeric characters, or any of the "
                      "following: -/_+=.@!")
    value = request.get("SecretString")
    sizes = [("secretString", None if value is None else len(value.encode()), 1, 65536)]
    value = request.get("SecretBinary")
    sizes.append(("secretBinary", None if value is None else len(base64.b64decode(value)), 1, 65536))
    sizes.append(("description", None if request.get("Description") is None else len(request["Description"]), 0, 2048))
    sizes.append(("resourcePolicy", None if request.get("ResourcePolicy") is None else len(request["ResourcePolicy"]), 1, 20480))
    token = request.get("ClientRequestToken")
    sizes.append(("clientRequestToken", None if token is None else len(token), 32, 64))
    for tag in request.get("Tags") or []:
        sizes += [("tags.member.key", len(tag["Key"]), 1, 128), ("tags.member.value", len(tag.get("Value", "")), 0, 256)]
        if tag["Key"].startswith("aws:") and tag["Key"] != "aws:secretsmanager:owningService":
            raise Refused("InvalidParameterException", "Tag keys that start with aws: are reserved.")
    for field, size, least, most in sizes:
        if size is not None and not least <= size <= most:
            bound, limit = ("greater", least) if size < least else ("less", most)
            raise Refused("ValidationException", f"1 validation error detected: Value at '{field}' failed to satisfy constraint: "
                          f"Member must have length {bound} than or equal to {limit}")
    if "SecretString" in request and "SecretBinary" in request:
        raise Refused("InvalidParameterException", "You can't specify both a binary secret value and a string secret value in the "
                      "same secret.")
    return call(operation, request)


def deleted_refuses(call, operation, request):
    """moto writes to a secret that is scheduled for deletion, and both take its policy and replicas. API_PutSecretValue,
    API_PutResourcePolicy, API_TagResource, …: InvalidRequestException, "the secret is scheduled for deletion"."""
    if operation not in FOR_DELETED and request.get("SecretId"):
        if call("DescribeSecret", {"SecretId": request["SecretId"]}).get("DeletedDate"):
            raise Refused("InvalidRequestException", "You can't perform this operation on the secret because it was marked for "
                          "deletion.")
    if operation == "CreateSecret":
        try:
            existing = call("DescribeSecret", {"SecretId": request["Name"]})
        except Refused:
            existing = {}
        if existing.get("DeletedDate"):
            raise Refused("InvalidRequestException", "You can't create this secret because a secret with this name is already "
                          "scheduled for deletion.")
    return call(operation, request)


# --- values and versions ----------------------------------------------------------------------------------------------------

def current_is_default(call, operation, request):
    """moto answers with the version that was written last as current, also after AWSCURRENT has moved. API_GetSecretValue: "if you
    don't specify either VersionStage or VersionId, Secrets Manager returns the AWSCURRENT version"."""
    if operation == "GetSecretValue" and not request.get("VersionId") and not request.get("VersionStage"):
        request = {**request, "VersionStage": "AWSCURRENT"}
    return call(operation, request)


def no_value_is_not_found(call, operation, request):
    """ministack answers without a value, and moto (by label) that there is no such secret. API_GetSecretValue:
    ResourceNotFoundException."""
    if operation != "GetSecretValue":
        return call(operation, request)
    wanted = request.get("VersionStage") or "AWSCURRENT"
    missing = Refused("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for "
                      + (f"VersionId: {request['VersionId']}" if request.get("VersionId") else f"staging label: {wanted}"))
    # A secret that is not there at all is told so by this.
    described = call("DescribeSecret", {"SecretId": request["SecretId"]})
    if described.get("DeletedDate"):
        return call(operation, request)
    try:
        answer = call(operation, request)
    except Refused as refused:
        raise missing if refused.code == "ResourceNotFoundException" else refused
    if "SecretString" not in answer and "SecretBinary" not in answer:
        raise missing
    return answer


def token_is_version(call, operation, request):
    """A token that is used again: moto overwrites a version that is AWSPENDING, ministack any, and ministack's UpdateSecret knows no
    token. API_PutSecretValue and API_UpdateSecret, ClientRequestToken: the same value changes nothing, another one is refused
    (ResourceExistsException); the token becomes the version's id."""
    has_value = "SecretString" in request or "SecretBinary" in request
    if operation == "UpdateSecret" and has_value:
        values = {name: request[name] for name in ("SecretId", "ClientRequestToken", "SecretString", "SecretBinary") if name in request}
        rest = {name: value for name, value in request.items() if name not in ("ClientRequestToken", "SecretString", "SecretBinary")}
        made = token_is_version(call, "PutSecretValue", values)
        if len(rest) > 1:
            call("UpdateSecret", rest)
        return {name: made[name] for name in ("ARN", "Name", "VersionId")}
    if operation == "PutSecretValue" and request.get("ClientRequestToken"):
        token = request["ClientRequestToken"]
        try:
            existing = call("GetSecretValue", {"SecretId": request["SecretId"], "VersionId": token})
        except Refused:
            existing = None
        if existing is not None:
            if all(existing.get(name) == request.get(name) for name in ("SecretString", "SecretBinary")):
                return {name: existing[name] for name in ("ARN", "Name", "VersionId", "VersionStages")}
            raise Refused("ResourceExistsException", f"You can't use ClientRequestToken {token} because that value is already in use "
                          f"for a version of secret {existing['ARN']}.")
    return call(operation, request)


def twenty_labels(call, operation, request):
    """Both attach any number of labels. The quotas of the user guide (reference_limits.html): 20 staging labels attached across all
    versions of a secret; LimitExceededException."""
    added = set()
    if operation == "PutSecretValue":
        added = set(request.get("VersionStages") or ["AWSCURRENT"])
    if operation == "UpdateSecretVersionStage" and request.get("MoveToVersionId"):
        added = {request["VersionStage"]}
    if added:
        stages = call("DescribeSecret", {"SecretId": request["SecretId"]}).get("VersionIdsToStages") or {}
        if len(added.union(*stages.values())) > 20:
            raise Refused("LimitExceededException", "You can't attach more than 20 staging labels to the versions of a secret.")
    return call(operation, request)


def labels_of_one_version(call, operation, request):
    """moto lets a label be on two versions, and twice on one, and both take AWSCURRENT away altogether. API_UpdateSecretVersionStage:
    a label is on one version at a time, and where it is on another one RemoveFromVersionId must name that; AWSCURRENT only moves."""
    if operation != "UpdateSecretVersionStage":
        return call(operation, request)
    label, source, target = (request.get(name) for name in ("VersionStage", "RemoveFromVersionId", "MoveToVersionId"))
    stages = call("DescribeSecret", {"SecretId": request["SecretId"]}).get("VersionIdsToStages") or {}
    holder = next((version for version, labels in stages.items() if label in labels), None)
    if not target and label == "AWSCURRENT":
        raise Refused("InvalidParameterException", "You can only move staging label AWSCURRENT to a different secret version. It can't "
                      "be completely removed.")
    if source and source != holder:
        raise Refused("InvalidParameterException", f"The staging label {label} is not attached to version {source}.")
    if target and holder and holder != target and source != holder:
        raise Refused("InvalidParameterException", f"The parameter RemoveFromVersionId can't be empty. Staging label {label} is "
                      f"currently attached to version {holder}, so you must explicitly reference that version in RemoveFromVersionId.")
    if target and holder == target:
        described = call("DescribeSecret", {"SecretId": request["SecretId"]})
        return {name: described[name] for name in ("ARN", "Name")}
    return call(operation, request)


def deprecated_is_not_listed(call, operation, request):
    """Both list a version without labels, and know no IncludeDeprecated. API_ListSecretVersionIds, API_DescribeSecret: "versions that
    don't have staging labels are considered deprecated"; by default they aren't included."""
    answer = call(operation, request)
    if operation == "ListSecretVersionIds" and not request.get("IncludeDeprecated"):
        answer["Versions"] = [version for version in answer["Versions"] if version.get("VersionStages")]
    entries = answer.get("SecretList", []) if operation == "ListSecrets" else [answer] if operation == "DescribeSecret" else []
    for entry in entries:
        for field in ("VersionIdsToStages", "SecretVersionsToStages"):
            if entry.get(field) is not None:
                entry[field] = {version: labels for version, labels in entry[field].items() if labels}
    return answer


def default_key_is_not_shown(call, operation, request):
    """ministack shows the alias. API_DescribeSecret, KmsKeyId: "if the secret is encrypted with the managed key aws/secretsmanager,
    this field is omitted"."""
    answer = call(operation, request)
    entries = answer.get("SecretList", []) if operation == "ListSecrets" else [answer] if operation == "DescribeSecret" else []
    for entry in entries:
        if entry.get("KmsKeyId") in ("alias/aws/secretsmanager", "", None):
            entry.pop("KmsKeyId", None)
    return answer


# --- deletion ---------------------------------------------------------------------------------------------------------------

def replicas_go_first(call, operation, request):
    """ministack deletes them with the secret. API_DeleteSecret: "you can't delete a primary secret that is replicated to other
    Regions. You must first delete the replicas"."""
    if operation == "DeleteSecret":
        try:
            regions = [each["Region"] for each in call("DescribeSecret", {"SecretId": request["SecretId"]}).get("ReplicationStatus") or []]
        except Refused:
            regions = []
        if regions:
            raise Refused("InvalidParameterException", f"You can't delete secret {request['SecretId']} that still has replica regions "
                          f"[{','.join(regions)}]")
    return call(operation, request)


def forced_deletion_of_nothing_succeeds(call, operation, request):
    """ministack: ResourceNotFoundException. API_DeleteSecret, ForceDeleteWithoutRecovery: "if you forcibly delete an already deleted or
    nonexistent secret, the operation does not return ResourceNotFoundException"."""
    try:
        return call(operation, request)
    except Refused as refused:
        if operation == "DeleteSecret" and request.get("ForceDeleteWithoutRecovery") and refused.code == "ResourceNotFoundException":
            return {"ARN": request["SecretId"], "Name": request["SecretId"], "DeletionDate": time.time()}
        raise


# --- policies ---------------------------------------------------------------------------------------------------------------

def policies_are_looked_at(call, operation, request):
    """Both store any text and any principal, and ignore BlockPublicPolicy; moto knows no ValidateResourcePolicy. API_PutResourcePolicy:
    MalformedPolicyDocumentException, and PublicPolicyException where the policy did not prevent broad access."""
    if operation not in ("PutResourcePolicy", "ValidateResourcePolicy"):
        return call(operation, request)
    try:
        statements = json.loads(request["ResourcePolicy"])["Statement"]
    except (ValueError, KeyError, TypeError):
        raise Refused("MalformedPolicyDocumentException", "This resource policy contains a syntax error.") from None
    statements = statements if isinstance(statements, list) else [statements]
    principals = [each for statement in statements for each in principals_of(statement)]
    if any(re.fullmatch(r"A(ROA|IDA)[A-Z0-9]+", principal) for principal in principals):
        # What is left of a deleted role or user (IAM user guide, reference_policies_elements_principal.html).
        raise Refused("MalformedPolicyDocumentException", "This resource policy contains an unsupported principal.")
    public = any(statement.get("Effect") == "Allow" and "*" in principals_of(statement) and not statement.get("Condition")
                 for statement in statements)
    if operation == "ValidateResourcePolicy":
        errors = [{"CheckName": "ACCESS_CONTROL", "ErrorMessage": "The policy grants broad access."}] if public else []
        return {"PolicyValidationPassed": not errors, "ValidationErrors": errors}
    if public and request.get("BlockPublicPolicy"):
        raise Refused("PublicPolicyException", "The resource policy grants broad access to the secret, which BlockPublicPolicy refuses.")
    return call(operation, {name: value for name, value in request.items() if name != "BlockPublicPolicy"})


def principals_of(statement):
    principal = statement.get("Principal", {})
    if isinstance(principal, str):
        return [principal]
    listed = principal.get("AWS", [])
    return [listed] if isinstance(listed, str) else list(listed)


# --- rotation ---------------------------------------------------------------------------------------------------------------

class Rotations:
    """Rotation by one rule for both doubles: moto loses ScheduleExpression and Duration, takes a rotation that is under way for none
    and none for one, leaves AWSPENDING behind after RotateImmediately=false; in ministack all of it is a stub, and there is no
    CancelRotateSecret. API_RotateSecret, API_CancelRotateSecret, API_DescribeSecret, API_RotationRulesType.

    What a Lambda does is not played: a rotation stores another value as AWSCURRENT at once, with AWSPENDING beside it, which is one of
    the two ends that API_RotateSecret has for a rotation.
    """

    FIELDS = ("RotationEnabled", "RotationLambdaARN", "RotationRules", "LastRotatedDate", "NextRotationDate")

    def __init__(self, lambda_lets_in):
        """`lambda_lets_in(ARN)`: whether the function exists and its policy lets secretsmanager.amazonaws.com invoke it."""
        self.known = {}
        self.lambda_lets_in = lambda_lets_in

    def __call__(self, call, operation, request):
        if operation == "RotateSecret":
            return self.rotate(call, request)
        if operation == "CancelRotateSecret":
            return self.cancel(call, request)
        answer = call(operation, request)
        entries = answer.get("SecretList", []) if operation == "ListSecrets" else [answer] if operation == "DescribeSecret" else []
        for entry in entries:
            for field in self.FIELDS:
                entry.pop(field, None)
            entry.update(self.known.get(entry["ARN"], {}))
        return answer

    def rotate(self, call, request):
        described = self(call, "DescribeSecret", {"SecretId": request["SecretId"]})
        if described.get("PrimaryRegion"):
            raise Refused("InvalidParameterException", "Operation not permitted on a replica secret. Call must be made in primary "
                          "secret's region.")
        known = dict(self.known.get(described["ARN"], {}))
        function = request.get("RotationLambdaARN") or known.get("RotationLambdaARN")
        managed = described.get("OwningService") or any(
            tag["Key"] == "aws:secretsmanager:owningService" for tag in described.get("Tags") or [])
        if not function and not managed:
            raise Refused("InvalidRequestException", "You tried to enable rotation on a secret that doesn't already have a Lambda "
                          "function ARN configured and you didn't include such an ARN as a parameter in this call.")
        if function and not self.lambda_lets_in(function):
            raise Refused("AccessDeniedException", "Secrets Manager cannot invoke the specified Lambda function. Ensure that the "
                          "function policy grants access to the principal secretsmanager.amazonaws.com.")
        rules = request.get("RotationRules") or known.get("RotationRules") or {}
        days = checked_days(rules)
        stages = described.get("VersionIdsToStages") or {}
        token = request.get("ClientRequestToken")
        if any("AWSPENDING" in labels and "AWSCURRENT" not in labels for labels in stages.values()):
            raise Refused("InvalidRequestException", "A previous rotation isn't complete. That rotation will be reattempted.")
        now = int(time.time())
        known.update(RotationEnabled=True, RotationRules={**rules, **({"AutomaticallyAfterDays": days} if days else {})})
        if function:
            known["RotationLambdaARN"] = function
        if request.get("RotateImmediately", True) and token not in stages:
            current = call("GetSecretValue", {"SecretId": described["ARN"], "VersionStage": "AWSCURRENT"})
            call("PutSecretValue", {"SecretId": described["ARN"], "ClientRequestToken": token, **rotated(current, token),
                                    "VersionStages": ["AWSCURRENT", "AWSPENDING"]})
            known["LastRotatedDate"] = now
        seconds = seconds_of(rules, days)
        if seconds:
            known["NextRotationDate"] = now + seconds
        else:
            # By cron; nothing here reads that.
            known.pop("NextRotationDate", None)
        self.known[described["ARN"]] = known
        return {"ARN": described["ARN"], "Name": described["Name"], "VersionId": token}

    def cancel(self, call, request):
        described = call("DescribeSecret", {"SecretId": request["SecretId"]})
        known = self.known.get(described["ARN"])
        if known is None:
            raise Refused("InvalidRequestException", "You tried to cancel rotation on a secret that doesn't have rotation configured.")
        known["RotationEnabled"] = False
        known.pop("NextRotationDate", None)
        return {name: described[name] for name in ("ARN", "Name")}


def checked_days(rules):
    """The days between rotations that a description shows: given, or worked out from the schedule."""
    days, schedule, window = (rules.get(name) for name in ("AutomaticallyAfterDays", "ScheduleExpression", "Duration"))
    if schedule is None:
        if days is not None and not 1 <= days <= 1000:
            raise Refused("InvalidParameterException", "RotationRules.AutomaticallyAfterDays must be within 1-1000.")
    else:
        # A description has both, and may be sent back.
        rate = re.fullmatch(r"rate\((\d+) (hours?|days?)\)", schedule)
        if not rate and not re.fullmatch(r"cron\(0 \S+ \S+ \S+ \S+ \*\)", schedule):
            raise Refused("InvalidParameterException", "RotationRules.ScheduleExpression is not a valid expression.")
        worked_out = int(rate[1]) if rate and rate[2].startswith("day") else None
        if days is not None and days != worked_out:
            raise Refused("InvalidParameterException", "You can't specify both AutomaticallyAfterDays and ScheduleExpression.")
        days = worked_out
    if window is not None and not re.fullmatch(r"[0-9]{1,2}h", window):
        raise Refused("InvalidParameterException", "RotationRules.Duration is not valid.")
    return days


def seconds_of(rules, days):
    hours = re.fullmatch(r"rate\((\d+) hours?\)", rules.get("ScheduleExpression") or "")
    return int(hours[1]) * 3600 if hours else (days or 0) * 86400


def rotated(current, token):
    """Another value of the same form."""
    if "SecretBinary" in current:
        return {"SecretBinary": base64.b64encode(token.encode()).decode()}
    try:
        value = json.loads(current["SecretString"])
    except ValueError:
        value = None
    if isinstance(value, dict):
        return {"SecretString": json.dumps({**value, "password": f"rotated-{token}"})}
    return {"SecretString": f"rotated-{token}"}


def lets_in(policy):
    """Whether a function's policy lets Secrets Manager invoke it."""
    for statement in json.loads(policy).get("Statement", []):
        principal = statement.get("Principal", {})
        service = principal.get("Service") if isinstance(principal, dict) else principal
        if statement.get("Effect") == "Allow" and "secretsmanager.amazonaws.com" in (service or ""):
            return True
    return False
