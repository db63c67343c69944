//! Calls to AWS by its own client boto3, and what tests prepare with them.

use std::io::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use serde_json::{Value, json};

use super::{ACCOUNT, REGION, caller};
use crate::http;
use crate::servers::fresh_name;

/// AWS as one identity sees it in one region.
#[derive(Debug, Clone)]
pub struct Api {
    address: String,
    region: String,
    credentials: Credentials,
}

/// Who calls. Only for doubles: the secrets are shown by `Debug`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`, of an assumed role.
    pub session_token: Option<String>,
}

/// What was said against a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// `ResourceNotFoundException`, …; boto3's own class where the call did not come to an answer (`EndpointConnectionError`).
    pub code: String,
    /// The message.
    pub message: String,
}

/// Whether Secrets Manager may invoke a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// The function's policy lets it.
    Granted,
    /// The function has no policy.
    Missing,
}

impl Credentials {
    /// Those of a user, which do not end.
    pub fn lasting(access_key_id: &str, secret_access_key: &str) -> Self {
        Self {
            access_key_id: access_key_id.to_owned(),
            secret_access_key: secret_access_key.to_owned(),
            session_token: None,
        }
    }

    fn of(answer: &Value) -> Self {
        let text = |name: &str| answer[name].as_str().map(str::to_owned);
        Self {
            access_key_id: text("AccessKeyId").expect("made credentials have a key"),
            secret_access_key: text("SecretAccessKey").expect("made credentials have a secret"),
            session_token: text("SessionToken"),
        }
    }
}

impl Api {
    pub(super) fn new(address: &str, credentials: Credentials) -> Self {
        Self { address: address.to_owned(), region: REGION.to_owned(), credentials }
    }

    /// The same identity at another address, such as a proxy's.
    pub fn at(&self, address: &str) -> Self {
        Self { address: address.to_owned(), ..self.clone() }
    }

    /// The same identity in another region.
    pub fn in_region(&self, region: &str) -> Self {
        Self { region: region.to_owned(), ..self.clone() }
    }

    /// Another identity.
    pub fn with(&self, credentials: &Credentials) -> Self {
        Self { credentials: credentials.clone(), ..self.clone() }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// `eu-central-1`, …
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Who calls.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The variables by which a program under test becomes this identity, here.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            ("AWS_ENDPOINT_URL", self.address.clone()),
            ("AWS_REGION", self.region.clone()),
            ("AWS_ACCESS_KEY_ID", self.credentials.access_key_id.clone()),
            ("AWS_SECRET_ACCESS_KEY", self.credentials.secret_access_key.clone()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ];
        if let Some(token) = &self.credentials.session_token {
            variables.push(("AWS_SESSION_TOKEN", token.clone()));
        }
        variables
    }

    /// One call, as boto3 spells it: `call("secretsmanager", "describe_secret", json!({"SecretId": …}))`. Bytes are base64 in both
    /// directions, times are RFC 3339.
    ///
    /// # Errors
    /// What was said against it. Nothing is tried again.
    #[track_caller]
    pub fn call(&self, service: &str, operation: &str, parameters: Value) -> Result<Value, Refused> {
        let mut credentials = json!({
            "access_key_id": self.credentials.access_key_id, "secret_access_key": self.credentials.secret_access_key,
        });
        if let Some(token) = &self.credentials.session_token {
            credentials["session_token"] = json!(token);
        }
        let request = json!({
            "address": self.address, "region": self.region, "credentials": credentials,
            "service": service, "operation": operation, "parameters": parameters,
        });
        let answer = http::request(caller(), None, "POST", "/", &[], Some(&request));
        let mut answer = answer.expect("boto3 answers").succeeds();
        match answer.get_mut("answer").map(Value::take) {
            Some(answer) => Ok(answer),
            None => {
                let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
                Err(Refused { code: text("code"), message: text("message") })
            }
        }
    }

    /// One call, which must succeed.
    #[track_caller]
    pub fn does(&self, service: &str, operation: &str, parameters: Value) -> Value {
        let answer = self.call(service, operation, parameters);
        answer.unwrap_or_else(|refused| panic!("{service} {operation}: {refused}"))
    }

    /// A role of this account that everybody in it may assume, with `policy` inline, if any. Its ARN.
    #[track_caller]
    pub fn fresh_role(&self, policy: Option<&Value>) -> String {
        let name = fresh_name("role");
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}, "Action": "sts:AssumeRole",
        }]});
        let role = json!({"RoleName": name, "AssumeRolePolicyDocument": trust.to_string()});
        let made = self.does("iam", "create_role", role);
        if let Some(policy) = policy {
            let policy =
                json!({"RoleName": name, "PolicyName": "inline", "PolicyDocument": policy.to_string()});
            self.does("iam", "put_role_policy", policy);
        }
        text(&made["Role"]["Arn"])
    }

    /// Credentials of this role, valid for an hour.
    #[track_caller]
    pub fn assume(&self, role: &str) -> Credentials {
        let session = json!({"RoleArn": role, "RoleSessionName": "test"});
        Credentials::of(&self.does("sts", "assume_role", session)["Credentials"])
    }

    /// A user of this account with `policy` inline, if any. Its ARN, and its access key.
    #[track_caller]
    pub fn fresh_user(&self, policy: Option<&Value>) -> (String, Credentials) {
        let name = fresh_name("user");
        let made = self.does("iam", "create_user", json!({"UserName": name}));
        if let Some(policy) = policy {
            let policy =
                json!({"UserName": name, "PolicyName": "inline", "PolicyDocument": policy.to_string()});
            self.does("iam", "put_user_policy", policy);
        }
        let key = self.does("iam", "create_access_key", json!({"UserName": name}));
        (text(&made["User"]["Arn"]), Credentials::of(&key["AccessKey"]))
    }

    /// A function for a rotation, which Secrets Manager may invoke or may not. Its ARN. No double runs it at a rotation.
    #[track_caller]
    pub fn fresh_function(&self, permission: Permission) -> String {
        let name = fresh_name("function");
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        archive
            .start_file("index.py", zip::write::SimpleFileOptions::default())
            .expect("an archive takes a file");
        archive.write_all(b"def handler(event, context):\n    return None\n").expect("it fits into memory");
        let code = archive.finish().expect("it is complete").into_inner();
        let function = json!({
            "FunctionName": name, "Runtime": "python3.12", "Role": self.fresh_role(None), "Handler": "index.handler",
            "Code": {"ZipFile": BASE64.encode(code)},
        });
        let made = self.does("lambda", "create_function", function);
        if permission == Permission::Granted {
            let permission = json!({
                "FunctionName": name, "StatementId": "rotation", "Action": "lambda:InvokeFunction",
                "Principal": "secretsmanager.amazonaws.com",
            });
            self.does("lambda", "add_permission", permission);
        }
        text(&made["FunctionArn"])
    }

    /// A customer-managed key. Its ARN.
    #[track_caller]
    pub fn fresh_key(&self) -> String {
        text(&self.does("kms", "create_key", json!({}))["KeyMetadata"]["Arn"])
    }

    /// A key that exists and cannot be used.
    #[track_caller]
    pub fn disable_key(&self, key: &str) {
        self.does("kms", "disable_key", json!({"KeyId": key}));
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("what was made has a name").to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::ministack::Ministack;
    use super::super::moto::Moto;
    use super::*;

    #[test]
    fn bytes_and_times_are_text_in_both_directions() {
        let Some(moto) = Moto::shared() else { return };
        let name = fresh_name("binary");
        moto.api().does("secretsmanager", "create_secret", json!({"Name": name, "SecretBinary": "AP8="}));
        let read = moto.api().does("secretsmanager", "get_secret_value", json!({"SecretId": name}));
        assert_eq!(read["SecretBinary"], "AP8=");
        assert!(read["CreatedDate"].as_str().is_some_and(|time| time.ends_with('Z')), "{read}");
    }

    #[test]
    fn a_refusal_has_a_code_and_a_message() {
        let Some(moto) = Moto::shared() else { return };
        let refused = moto.api().call("secretsmanager", "describe_secret", json!({"SecretId": "none"}));
        let refused = refused.expect_err("there is no such secret");
        assert_eq!(refused.code, "ResourceNotFoundException");
        assert_eq!(refused.message, "Secrets Manager can't find the specified secret.");
        let away = moto.api().at("http://127.0.0.1:1").call("sts", "get_caller_identity", json!({}));
        assert_eq!(away.expect_err("nothing listens there").code, "EndpointConnectionError");
    }

    #[test]
    fn regions_are_apart() {
        let Some(moto) = Moto::shared() else { return };
        let name = fresh_name("regional");
        moto.api().does("secretsmanager", "create_secret", json!({"Name": name}));
        let elsewhere = moto.api().in_region("us-west-2");
        assert!(elsewhere.call("secretsmanager", "describe_secret", json!({"SecretId": name})).is_err());
    }

    #[test]
    fn a_reset_empties_the_account() {
        let (Some(moto), Some(stack)) = (Moto::start(), Ministack::start()) else { return };
        for api in [moto.api(), stack.api()] {
            api.does("secretsmanager", "create_secret", json!({"Name": "a", "SecretString": "an example"}));
        }
        moto.reset();
        stack.reset();
        for api in [moto.api(), stack.api()] {
            assert_eq!(api.does("secretsmanager", "list_secrets", json!({}))["SecretList"], json!([]));
        }
    }

    #[test]
    fn ministack_lets_a_role_and_a_user_do_what_their_policy_allows() {
        let Some(stack) = Ministack::shared() else { return };
        let create = |prefix: &str| {
            let secret = json!({"Name": fresh_name(prefix), "SecretString": "an example"});
            text(&stack.api().does("secretsmanager", "create_secret", secret)["ARN"])
        };
        let (open, closed) = (create("open"), create("closed"));
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": open},
        ]});
        let role = stack.api().assume(&stack.api().fresh_role(Some(&policy)));
        let (_, user) = stack.api().fresh_user(Some(&policy));
        for credentials in [role, user] {
            let api = stack.api().with(&credentials);
            let read =
                |secret: &str| api.call("secretsmanager", "get_secret_value", json!({"SecretId": secret}));
            assert_eq!(read(&open).expect("the policy allows it")["SecretString"], "an example");
            assert_eq!(
                read(&closed).expect_err("the policy does not allow it").code,
                "AccessDeniedException"
            );
        }
    }

    #[test]
    fn ministack_refuses_a_wrong_signature() {
        let Some(stack) = Ministack::shared() else { return };
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "secretsmanager:ListSecrets", "Resource": "*"},
        ]});
        let (_, user) = stack.api().fresh_user(Some(&policy));
        let listed =
            |credentials| stack.api().with(credentials).call("secretsmanager", "list_secrets", json!({}));
        assert!(listed(&user).is_ok());
        let wrong = Credentials::lasting(&user.access_key_id, "not the secret");
        assert_eq!(listed(&wrong).expect_err("the secret is wrong").code, "InvalidSignatureException");
    }

    #[test]
    fn a_rotation_needs_a_function_that_lets_secrets_manager_in() {
        let (Some(moto), Some(stack)) = (Moto::shared(), Ministack::shared()) else { return };
        for api in [moto.api(), stack.api()] {
            let name = fresh_name("rotated");
            api.does(
                "secretsmanager",
                "create_secret",
                json!({"Name": name, "SecretString": "{\"password\": \"one\"}"}),
            );
            let rotate = |function: &str| {
                let rules = json!({"ScheduleExpression": "cron(0 8 * * ? *)"});
                let rotation =
                    json!({"SecretId": name, "RotationLambdaARN": function, "RotationRules": rules});
                api.call("secretsmanager", "rotate_secret", rotation)
            };
            let closed = rotate(&api.fresh_function(Permission::Missing));
            assert_eq!(closed.expect_err("nobody may invoke it").code, "AccessDeniedException");
            let function = api.fresh_function(Permission::Granted);
            let rotated = rotate(&function).expect("it may be invoked");
            let described = api.does("secretsmanager", "describe_secret", json!({"SecretId": name}));
            assert_eq!(described["RotationLambdaARN"], function);
            assert_eq!(described["RotationRules"], json!({"ScheduleExpression": "cron(0 8 * * ? *)"}));
            let read = api.does("secretsmanager", "get_secret_value", json!({"SecretId": name}));
            assert_eq!(read["VersionId"], rotated["VersionId"]);
            assert_ne!(read["SecretString"], "{\"password\": \"one\"}");
        }
    }

    #[test]
    fn a_key_can_be_made_and_disabled_in_both() {
        let (Some(moto), Some(stack)) = (Moto::shared(), Ministack::shared()) else { return };
        for api in [moto.api(), stack.api()] {
            let key = api.fresh_key();
            let state =
                || api.does("kms", "describe_key", json!({"KeyId": key}))["KeyMetadata"]["KeyState"].take();
            assert_eq!(state(), "Enabled");
            api.disable_key(&key);
            assert_eq!(state(), "Disabled");
        }
    }
}
