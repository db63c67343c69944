//! The probes as data. `$name` is the secret's own name, `$1` to `$3` are version ids, `$65537` a text of that length, `$labels` are 19
//! labels, `$key` is the key that was made. A call in another region or of another service says so before its name.
//!
//! Shown is `done` where nothing is looked at, and `another` for a version id that is none of these.

/// Calls, and what the last one shows.
pub(crate) struct Probe {
    /// What AWS documents.
    pub(crate) behaviour: &'static str,
    /// Operation, as boto3 spells it, and parameters as JSON. The first that is refused is the last.
    pub(crate) calls: &'static [(&'static str, &'static str)],
    /// Which part of the last answer is looked at, as a JSON pointer.
    pub(crate) place: &'static str,
    /// What is there, or the code of the error, on AWS.
    pub(crate) right: &'static str,
    /// The same on moto as it is published, where that is a fault.
    pub(crate) moto: Option<&'static str>,
    /// The same on ministack as it is published, where that is a fault.
    pub(crate) ministack: Option<&'static str>,
}

const CREATE: (&str, &str) =
    ("create_secret", r#"{"Name": "$name", "SecretString": "one", "ClientRequestToken": "$1"}"#);
const CREATE_WITHOUT_VALUE: (&str, &str) = ("create_secret", r#"{"Name": "$name"}"#);
const PUT_FIRST: (&str, &str) =
    ("put_secret_value", r#"{"SecretId": "$name", "SecretString": "one", "ClientRequestToken": "$1"}"#);
const PUT_SECOND: (&str, &str) =
    ("put_secret_value", r#"{"SecretId": "$name", "SecretString": "two", "ClientRequestToken": "$2"}"#);
const PUT_PENDING: (&str, &str) = (
    "put_secret_value",
    r#"{"SecretId": "$name", "SecretString": "two", "ClientRequestToken": "$2", "VersionStages": ["AWSPENDING"]}"#,
);
const PROMOTE_SECOND: (&str, &str) = (
    "update_secret_version_stage",
    r#"{"SecretId": "$name", "VersionStage": "AWSCURRENT", "MoveToVersionId": "$2", "RemoveFromVersionId": "$1"}"#,
);
const RETIRE_SECOND: (&str, &str) = (
    "update_secret_version_stage",
    r#"{"SecretId": "$name", "VersionStage": "AWSPENDING", "RemoveFromVersionId": "$2"}"#,
);
const READ: (&str, &str) = ("get_secret_value", r#"{"SecretId": "$name"}"#);
const DESCRIBE: (&str, &str) = ("describe_secret", r#"{"SecretId": "$name"}"#);
const LIST_VERSIONS: (&str, &str) = ("list_secret_version_ids", r#"{"SecretId": "$name"}"#);
const DELETE: (&str, &str) = ("delete_secret", r#"{"SecretId": "$name"}"#);
const MANAGED: (&str, &str) = (
    "create_secret",
    r#"{"Name": "$name", "Tags": [{"Key": "aws:secretsmanager:owningService", "Value": "rds"}]}"#,
);
const REPLICATED: (&str, &str) = (
    "create_secret",
    r#"{"Name": "$name", "SecretString": "one", "AddReplicaRegions": [{"Region": "us-west-2", "KmsKeyId": "alias/there"}]}"#,
);

const GRANT_KEY: (&str, &str) = (
    "kms:create_grant",
    r#"{"KeyId": "$key", "Name": "mine", "GranteePrincipal": "arn:aws:iam::123456789012:root", "Operations": ["Decrypt"]}"#,
);

const fn probe(
    behaviour: &'static str,
    calls: &'static [(&'static str, &'static str)],
    place: &'static str,
    right: &'static str,
) -> Probe {
    Probe { behaviour, calls, place, right, moto: None, ministack: None }
}

impl Probe {
    const fn moto(self, shown: &'static str) -> Self {
        Self { moto: Some(shown), ..self }
    }

    const fn ministack(self, shown: &'static str) -> Self {
        Self { ministack: Some(shown), ..self }
    }
}

/// All of them.
pub(crate) const PROBES: &[Probe] = &[
    // Creation: API_CreateSecret.
    probe("the token of a creation is the version's id", &[CREATE], "/VersionId", "$1").ministack("another"),
    probe("a creation with the same token and value is a replay", &[CREATE, CREATE], "/VersionId", "$1").ministack("ResourceExistsException"),
    probe(
        "a creation with the same token and another value is refused",
        &[
            CREATE,
            ("create_secret", r#"{"Name": "$name", "SecretString": "two", "ClientRequestToken": "$1"}"#),
        ],
        "",
        "ResourceExistsException",
    ),
    probe(
        "a creation of a name that is taken is refused",
        &[
            CREATE,
            ("create_secret", r#"{"Name": "$name", "SecretString": "one", "ClientRequestToken": "$2"}"#),
        ],
        "",
        "ResourceExistsException",
    ),
    probe(
        "a creation of a name that is scheduled for deletion is refused",
        &[CREATE, DELETE, ("create_secret", r#"{"Name": "$name", "SecretString": "one"}"#)],
        "",
        "InvalidRequestException",
    ).moto("ResourceExistsException").ministack("ResourceExistsException"),
    probe(
        "a secret without a value has no version",
        &[CREATE_WITHOUT_VALUE, LIST_VERSIONS],
        "/Versions/0/VersionStages",
        "null",
    ).ministack(r#"["AWSCURRENT"]"#),
    probe("reading a secret without a value", &[CREATE_WITHOUT_VALUE, READ], "", "ResourceNotFoundException").ministack("done"),
    probe(
        "a name with another character is refused",
        &[("create_secret", r#"{"Name": "$name é"}"#)],
        "",
        "ValidationException",
    ).moto("done").ministack("done"),
    probe(
        "a value that is too long is refused",
        &[("create_secret", r#"{"Name": "$name", "SecretString": "$65537"}"#)],
        "",
        "ValidationException",
    ).moto("done").ministack("done"),
    probe(
        "a value that is too long is refused later, too",
        &[CREATE, ("put_secret_value", r#"{"SecretId": "$name", "SecretString": "$65537"}"#)],
        "",
        "ValidationException",
    ).moto("done").ministack("done"),
    // Versions: API_PutSecretValue, API_GetSecretValue, API_UpdateSecretVersionStage, API_ListSecretVersionIds.
    probe(
        "a put makes the version current",
        &[CREATE_WITHOUT_VALUE, PUT_FIRST, PUT_SECOND, READ],
        "/VersionId",
        "$2",
    ),
    probe(
        "the version before is previous",
        &[CREATE_WITHOUT_VALUE, PUT_FIRST, PUT_SECOND, DESCRIBE],
        "/VersionIdsToStages/$1",
        "[\"AWSPREVIOUS\"]",
    ),
    probe(
        "a put with the same token and value is a replay",
        &[CREATE_WITHOUT_VALUE, PUT_FIRST, PUT_PENDING, PUT_PENDING],
        "/VersionStages",
        "[\"AWSPENDING\"]",
    ),
    probe(
        "a put with the same token and another value is refused, also where it is pending",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            PUT_PENDING,
            (
                "put_secret_value",
                r#"{"SecretId": "$name", "SecretString": "three", "ClientRequestToken": "$2"}"#,
            ),
        ],
        "",
        "ResourceExistsException",
    ).moto("done").ministack("done"),
    probe(
        "an update with a value takes the token",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            ("update_secret", r#"{"SecretId": "$name", "SecretString": "two", "ClientRequestToken": "$2"}"#),
        ],
        "/VersionId",
        "$2",
    ).ministack("another"),
    probe(
        "a first version is current whatever its labels",
        &[CREATE_WITHOUT_VALUE, PUT_PENDING, READ],
        "/VersionId",
        "$2",
    ).ministack("another"),
    probe(
        "without version and label the current one is read, also after it moved",
        &[CREATE_WITHOUT_VALUE, PUT_FIRST, PUT_PENDING, PROMOTE_SECOND, READ],
        "/VersionId",
        "$2",
    ).moto("$1"),
    probe(
        "AWSPREVIOUS goes to the version that AWSCURRENT was taken from",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            PUT_PENDING,
            PROMOTE_SECOND,
            ("get_secret_value", r#"{"SecretId": "$name", "VersionStage": "AWSPREVIOUS"}"#),
        ],
        "/VersionId",
        "$1",
    ),
    probe(
        "after a promotion, a put makes the promoted one previous",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            PUT_PENDING,
            PROMOTE_SECOND,
            (
                "put_secret_value",
                r#"{"SecretId": "$name", "SecretString": "three", "ClientRequestToken": "$3"}"#,
            ),
            ("get_secret_value", r#"{"SecretId": "$name", "VersionStage": "AWSPREVIOUS"}"#),
        ],
        "/VersionId",
        "$2",
    ).moto("$1"),
    probe(
        "a put leaves other labels where they are",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            (
                "update_secret_version_stage",
                r#"{"SecretId": "$name", "VersionStage": "mine", "MoveToVersionId": "$1"}"#,
            ),
            PUT_SECOND,
            ("get_secret_value", r#"{"SecretId": "$name", "VersionStage": "mine"}"#),
        ],
        "/VersionId",
        "$1",
    ).moto("ResourceNotFoundException"),
    probe(
        "a put attaches all the labels that it names",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            (
                "put_secret_value",
                r#"{"SecretId": "$name", "SecretString": "two", "ClientRequestToken": "$2", "VersionStages": ["AWSCURRENT", "mine"]}"#,
            ),
            ("get_secret_value", r#"{"SecretId": "$name", "VersionStage": "mine"}"#),
        ],
        "/VersionId",
        "$2",
    ).ministack("ResourceNotFoundException"),
    probe(
        "a label moves only with the version that has it named",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            PUT_PENDING,
            (
                "update_secret_version_stage",
                r#"{"SecretId": "$name", "VersionStage": "AWSPENDING", "MoveToVersionId": "$1"}"#,
            ),
        ],
        "",
        "InvalidParameterException",
    ).moto("done"),
    probe(
        "a move from a version that has not the label is refused",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            PUT_SECOND,
            (
                "update_secret_version_stage",
                r#"{"SecretId": "$name", "VersionStage": "AWSCURRENT", "MoveToVersionId": "$1", "RemoveFromVersionId": "$1"}"#,
            ),
        ],
        "",
        "InvalidParameterException",
    ),
    probe(
        "AWSCURRENT cannot be taken away",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            (
                "update_secret_version_stage",
                r#"{"SecretId": "$name", "VersionStage": "AWSCURRENT", "RemoveFromVersionId": "$1"}"#,
            ),
        ],
        "",
        "InvalidParameterException",
    ).moto("done").ministack("done"),
    probe(
        "twenty labels fit",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            (
                "put_secret_value",
                r#"{"SecretId": "$name", "SecretString": "two", "ClientRequestToken": "$2", "VersionStages": [$labels]}"#,
            ),
        ],
        "/VersionId",
        "$2",
    ),
    probe(
        "twenty-one labels do not",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            (
                "put_secret_value",
                r#"{"SecretId": "$name", "SecretString": "two", "ClientRequestToken": "$2", "VersionStages": [$labels]}"#,
            ),
            (
                "update_secret_version_stage",
                r#"{"SecretId": "$name", "VersionStage": "another", "MoveToVersionId": "$2"}"#,
            ),
        ],
        "",
        "LimitExceededException",
    ).moto("done").ministack("done"),
    probe(
        "a version without labels is not listed",
        &[CREATE_WITHOUT_VALUE, PUT_FIRST, PUT_PENDING, RETIRE_SECOND, LIST_VERSIONS],
        "/Versions/1/VersionId",
        "null",
    ).moto("$2").ministack("$2"),
    probe(
        "a version without labels is listed when it is asked for",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            PUT_PENDING,
            RETIRE_SECOND,
            ("list_secret_version_ids", r#"{"SecretId": "$name", "IncludeDeprecated": true}"#),
        ],
        "/Versions/1/VersionId",
        "$2",
    ),
    probe(
        "a version without labels can be read by its id",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            PUT_PENDING,
            RETIRE_SECOND,
            ("get_secret_value", r#"{"SecretId": "$name", "VersionId": "$2"}"#),
        ],
        "/SecretString",
        "two",
    ),
    probe(
        "a version without labels is not described",
        &[CREATE_WITHOUT_VALUE, PUT_FIRST, PUT_PENDING, RETIRE_SECOND, DESCRIBE],
        "/VersionIdsToStages/$2", "null",
    ).moto("[]"),
    probe(
        "the version before the previous one is kept for a day",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            PUT_SECOND,
            (
                "put_secret_value",
                r#"{"SecretId": "$name", "SecretString": "three", "ClientRequestToken": "$3"}"#,
            ),
            ("get_secret_value", r#"{"SecretId": "$name", "VersionId": "$1"}"#),
        ],
        "/SecretString",
        "one",
    ).ministack("ResourceNotFoundException"),
    probe(
        "listing the versions of a secret that is not there",
        &[LIST_VERSIONS],
        "",
        "ResourceNotFoundException",
    ).moto("500"),
    // Metadata: API_UpdateSecret, API_DescribeSecret.
    probe(
        "a description can be emptied",
        &[
            ("create_secret", r#"{"Name": "$name", "Description": "an example"}"#),
            ("update_secret", r#"{"SecretId": "$name", "Description": ""}"#),
            (
                "list_secrets",
                r#"{"Filters": [{"Key": "description", "Values": ["an example"]}, {"Key": "name", "Values": ["$name"]}]}"#,
            ),
        ],
        "/SecretList/0/Description",
        "null",
    ).moto("an example"),
    probe(
        "the default key is not described",
        &[
            ("create_secret", r#"{"Name": "$name", "KmsKeyId": "alias/mine"}"#),
            ("update_secret", r#"{"SecretId": "$name", "KmsKeyId": "alias/aws/secretsmanager"}"#),
            DESCRIBE,
        ],
        "/KmsKeyId",
        "null",
    ).ministack("alias/aws/secretsmanager"),
    // Deletion: API_DeleteSecret and the errors of all other operations.
    probe(
        "a put on a secret that is scheduled for deletion is refused",
        &[CREATE_WITHOUT_VALUE, PUT_FIRST, DELETE, PUT_SECOND],
        "",
        "InvalidRequestException",
    ).moto("done"),
    probe(
        "a read of a secret that is scheduled for deletion is refused",
        &[CREATE_WITHOUT_VALUE, PUT_FIRST, DELETE, READ],
        "",
        "InvalidRequestException",
    ),
    probe(
        "an update of a secret that is scheduled for deletion is refused",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            DELETE,
            ("update_secret", r#"{"SecretId": "$name", "Description": "an example"}"#),
        ],
        "",
        "InvalidRequestException",
    ),
    probe(
        "a label of a secret that is scheduled for deletion stays",
        &[CREATE_WITHOUT_VALUE, PUT_FIRST, PUT_PENDING, DELETE, PROMOTE_SECOND],
        "",
        "InvalidRequestException",
    ).moto("done"),
    probe(
        "a tag on a secret that is scheduled for deletion is refused",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            DELETE,
            ("tag_resource", r#"{"SecretId": "$name", "Tags": [{"Key": "a", "Value": "b"}]}"#),
        ],
        "",
        "InvalidRequestException",
    ).moto("done"),
    probe(
        "a policy on a secret that is scheduled for deletion is refused",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            DELETE,
            ("put_resource_policy", r#"{"SecretId": "$name", "ResourcePolicy": "{\"Statement\": []}"}"#),
        ],
        "",
        "InvalidRequestException",
    ).moto("done").ministack("done"),
    probe(
        "a forced deletion of nothing succeeds",
        &[("delete_secret", r#"{"SecretId": "$name", "ForceDeleteWithoutRecovery": true}"#)],
        "/Name",
        "$name",
    ).ministack("ResourceNotFoundException"),
    // Rotation: API_RotateSecret, API_CancelRotateSecret, API_RotationRulesType.
    probe(
        "the schedule and the window are kept",
        &[
            MANAGED,
            PUT_FIRST,
            (
                "rotate_secret",
                r#"{"SecretId": "$name", "RotateImmediately": false, "RotationRules": {"ScheduleExpression": "rate(10 days)", "Duration": "3h"}}"#,
            ),
            DESCRIBE,
        ],
        "/RotationRules",
        r#"{"AutomaticallyAfterDays":10,"Duration":"3h","ScheduleExpression":"rate(10 days)"}"#,
    ).moto(r#"{"AutomaticallyAfterDays":0}"#).ministack(r#"{"Duration":"3h","ScheduleExpression":"rate(10 days)"}"#),
    probe(
        "a rotation that is not wanted at once leaves the versions as they are",
        &[
            MANAGED,
            PUT_FIRST,
            (
                "rotate_secret",
                r#"{"SecretId": "$name", "RotateImmediately": false, "ClientRequestToken": "$2", "RotationRules": {"AutomaticallyAfterDays": 10}}"#,
            ),
            DESCRIBE,
        ],
        "/VersionIdsToStages",
        r#"{"$1":["AWSCURRENT"]}"#,
    ).moto(r#"{"$1":["AWSPREVIOUS"],"$2":["AWSCURRENT"]}"#).ministack(r#"{"$1":["AWSPREVIOUS"],"$2":["AWSCURRENT"]}"#),
    probe(
        "a rotation makes the version of its token current",
        &[
            MANAGED,
            PUT_FIRST,
            (
                "rotate_secret",
                r#"{"SecretId": "$name", "ClientRequestToken": "$2", "RotationRules": {"AutomaticallyAfterDays": 10}}"#,
            ),
            READ,
        ],
        "/VersionId",
        "$2",
    ).moto("ResourceNotFoundException"),
    probe(
        "a rotation without a function is refused",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            ("rotate_secret", r#"{"SecretId": "$name", "RotationRules": {"AutomaticallyAfterDays": 10}}"#),
        ],
        "",
        "InvalidRequestException",
    ).moto("done").ministack("done"),
    probe(
        "a rotation is refused while another version is pending",
        &[
            MANAGED,
            PUT_FIRST,
            PUT_PENDING,
            ("rotate_secret", r#"{"SecretId": "$name", "RotationRules": {"AutomaticallyAfterDays": 10}}"#),
        ],
        "",
        "InvalidRequestException",
    ).moto("done").ministack("done"),
    probe(
        "a cancelled rotation is off",
        &[
            MANAGED,
            PUT_FIRST,
            ("rotate_secret", r#"{"SecretId": "$name", "RotationRules": {"AutomaticallyAfterDays": 10}}"#),
            ("cancel_rotate_secret", r#"{"SecretId": "$name"}"#),
            DESCRIBE,
        ],
        "/RotationEnabled",
        "false",
    ).moto("InvalidRequestException").ministack("InvalidRequestException"),
    // Replicas: API_ReplicateSecretToRegions, API_RemoveRegionsFromReplication, API_StopReplicationToReplica.
    probe(
        "a replica has a key of its own",
        &[REPLICATED, DESCRIBE],
        "/ReplicationStatus/0/KmsKeyId",
        "alias/there",
    ).moto("alias/aws/secretsmanager").ministack("null"),
    probe(
        "the key of a replica is changed in its region",
        &[
            REPLICATED,
            ("us-west-2 update_secret", r#"{"SecretId": "$name", "KmsKeyId": "alias/other"}"#),
            DESCRIBE,
        ],
        "/ReplicationStatus/0/KmsKeyId",
        "alias/other",
    ).moto("InvalidParameterException").ministack("ResourceNotFoundException"),
    probe("a secret with replicas is not deleted", &[REPLICATED, DELETE], "", "InvalidParameterException").ministack("done"),
    probe(
        "a replica that is taken away is gone",
        &[
            REPLICATED,
            (
                "remove_regions_from_replication",
                r#"{"SecretId": "$name", "RemoveReplicaRegions": ["us-west-2"]}"#,
            ),
            ("us-west-2 describe_secret", r#"{"SecretId": "$name"}"#),
        ],
        "",
        "ResourceNotFoundException",
    ).ministack("InvalidRequestException"),
    probe(
        "a replica becomes a secret of its own",
        &[
            REPLICATED,
            ("us-west-2 stop_replication_to_replica", r#"{"SecretId": "$name"}"#),
            ("us-west-2 describe_secret", r#"{"SecretId": "$name"}"#),
        ],
        "/PrimaryRegion",
        "null",
    ).moto("500").ministack("InvalidRequestException"),
    // Policies: API_PutResourcePolicy, API_ValidateResourcePolicy.
    probe(
        "a policy for everybody is refused where that is asked for",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            (
                "put_resource_policy",
                r#"{"SecretId": "$name", "BlockPublicPolicy": true, "ResourcePolicy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"secretsmanager:GetSecretValue\", \"Resource\": \"*\"}]}"}"#,
            ),
        ],
        "",
        "PublicPolicyException",
    ).moto("done").ministack("done"),
    probe(
        "a policy with what is left of a deleted role is refused",
        &[
            CREATE_WITHOUT_VALUE,
            PUT_FIRST,
            (
                "put_resource_policy",
                r#"{"SecretId": "$name", "ResourcePolicy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"AROAEXAMPLEEXAMPLE\"}, \"Action\": \"secretsmanager:GetSecretValue\", \"Resource\": \"*\"}]}"}"#,
            ),
        ],
        "",
        "MalformedPolicyDocumentException",
    ).moto("done").ministack("done"),
    probe(
        "a policy for everybody is not valid",
        &[(
            "validate_resource_policy",
            r#"{"ResourcePolicy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"secretsmanager:GetSecretValue\", \"Resource\": \"*\"}]}"}"#,
        )],
        "/PolicyValidationPassed",
        "false",
    ).moto("500").ministack("true"),
    // Rights and keys, of other services.
    probe(
        "a key is disabled by its ARN",
        &[
            ("kms:create_key", "{}"),
            ("kms:disable_key", r#"{"KeyId": "$key"}"#),
            ("kms:describe_key", r#"{"KeyId": "$key"}"#),
        ],
        "/KeyMetadata/KeyState",
        "Disabled",
    ).moto("500"),
    probe(
        "a KMS grant that is made again under its name is the same one",
        &[("kms:create_key", "{}"), GRANT_KEY, GRANT_KEY, ("kms:list_grants", r#"{"KeyId": "$key"}"#)],
        "/Grants/1/Name",
        "null",
    )
    .moto("mine"),
];
