//! A secret that somebody else made, a store on it, and AWS's own client to look at what grants do.

use std::future::Future;
use std::sync::OnceLock;

use secret_store::aws::AwsStore;
use secret_store::{
    Access, AccessSet, Condition, GrantPlace, GrantSpec, Principal, SecretName, Store, StoreError,
};
use secretlint_tests::servers::aws::ministack::Ministack;
use secretlint_tests::servers::aws::moto::Moto;
use secretlint_tests::servers::aws::{Api, Credentials, Faults, Refused};
use serde_json::{Value, json};

use crate::scene::{fresh, open};

/// Both places that a grant can be in.
pub(crate) const PLACES: [GrantPlace; 2] = [GrantPlace::ResourcePolicy, GrantPlace::IdentityPolicy];

/// A secret with a value, and a store on it.
pub(crate) struct Scene {
    pub(crate) api: &'static Api,
    pub(crate) store: AwsStore,
    pub(crate) secret: SecretName,
    pub(crate) arn: String,
}

/// Waits for the store. The harness is synchronous, so each call is waited for by itself.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Runtime::new().unwrap()).block_on(future)
}

/// Reading only, by this principal.
pub(crate) fn read_by(principal: &str) -> GrantSpec {
    GrantSpec::new(Principal::parse(principal).unwrap(), AccessSet::read())
}

/// One access, for this principal, in this place.
pub(crate) fn to(principal: &str, access: Access, via: GrantPlace) -> GrantSpec {
    GrantSpec { access: AccessSet::new([access]).unwrap(), via: Some(via), ..read_by(principal) }
}

pub(crate) fn under(operator: &str, key: &str, value: &str) -> Vec<Condition> {
    vec![Condition { operator: operator.to_owned(), key: key.to_owned(), values: vec![value.to_owned()] }]
}

/// An error about this field, in which this is said.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, StoreError>, field: &str, expected: &str) {
    let Err(StoreError::Invalid(invalid)) = &result else {
        panic!("expected an error on {field}: {result:?}")
    };
    assert_eq!(invalid.field, field, "{invalid}");
    assert!(invalid.reason.contains(expected), "{invalid}");
}

impl Scene {
    /// On ministack, which enforces policies.
    pub(crate) fn enforced() -> Option<Self> {
        Some(Self::on(Ministack::shared()?.api(), json!({})))
    }

    /// On ministack as it is published, which takes any text for a policy: what AWS shows of a deleted role, and what is no policy.
    pub(crate) fn unchecked() -> Option<Self> {
        static UNCHECKED: OnceLock<Option<Ministack>> = OnceLock::new();
        let stack = UNCHECKED.get_or_init(|| Ministack::start_with(Faults::AsPublished)).as_ref()?;
        Some(Self::on(stack.api(), json!({})))
    }

    /// On moto, with a customer-managed key.
    pub(crate) fn with_key() -> Option<(Self, String)> {
        let api = Moto::shared()?.api();
        let key = api.fresh_key();
        Some((Self::on(api, json!({"KmsKeyId": key})), key))
    }

    /// A secret with these parameters besides its name and value.
    pub(crate) fn on(api: &'static Api, mut parameters: Value) -> Self {
        let secret = fresh("db");
        parameters["Name"] = json!(secret.as_str());
        parameters["SecretString"] = json!("an example");
        let made = api.does("secretsmanager", "create_secret", parameters);
        let arn = made["ARN"].as_str().unwrap().to_owned();
        Self { api, store: open(api).impatient(), secret, arn }
    }

    /// Another store on the same secret, as another process has, at this address.
    pub(crate) fn another_store(&self, address: &str) -> AwsStore {
        open(&self.api.at(address)).impatient()
    }

    /// A call about this secret, by somebody.
    pub(crate) fn calls(&self, who: &Credentials, operation: &str, rest: Value) -> Result<Value, Refused> {
        let mut parameters = rest;
        parameters["SecretId"] = json!(self.arn);
        self.api.with(who).call("secretsmanager", operation, parameters)
    }

    /// The value, as somebody reads it; the code of the refusal otherwise.
    pub(crate) fn read_as(&self, who: &Credentials) -> Result<String, String> {
        let read = self.calls(who, "get_secret_value", json!({}));
        read.map(|read| read["SecretString"].as_str().unwrap().to_owned()).map_err(|refused| refused.code)
    }

    /// The policy of the secret, as AWS's own client reads it; null if there is none.
    pub(crate) fn policy(&self) -> Value {
        let read = self.api.does("secretsmanager", "get_resource_policy", json!({"SecretId": self.arn}));
        read["ResourcePolicy"].as_str().map_or(Value::Null, |text| serde_json::from_str(text).unwrap())
    }

    /// The statements of the policy.
    pub(crate) fn statements(&self) -> Vec<Value> {
        self.policy()["Statement"].as_array().cloned().unwrap_or_default()
    }

    /// Somebody else writes the policy.
    pub(crate) fn put_policy(&self, policy: &Value) {
        let policy = json!({"SecretId": self.arn, "ResourcePolicy": policy.to_string()});
        self.api.does("secretsmanager", "put_resource_policy", policy);
    }

    /// The tags that find grants in policies of roles and users.
    pub(crate) fn index(&self) -> Vec<(String, String)> {
        let described = self.api.does("secretsmanager", "describe_secret", json!({"SecretId": self.arn}));
        let tags = described["Tags"].as_array().cloned().unwrap_or_default();
        let text = |tag: &Value, name: &str| tag[name].as_str().unwrap().to_owned();
        let tags = tags.iter().map(|tag| (text(tag, "Key"), text(tag, "Value")));
        tags.filter(|(key, _)| key.starts_with("secretlint:grant:")).collect()
    }

    /// The inline policies of a role, by name.
    pub(crate) fn inline_policies(&self, role: &str) -> Vec<(String, Value)> {
        let role = role.rsplit('/').next().unwrap();
        let names =
            self.api.does("iam", "list_role_policies", json!({"RoleName": role}))["PolicyNames"].take();
        let names: Vec<String> = serde_json::from_value(names).unwrap();
        let read = |name: String| {
            let policy = json!({"RoleName": role, "PolicyName": name});
            let read = self.api.does("iam", "get_role_policy", policy)["PolicyDocument"].take();
            (name, read)
        };
        names.into_iter().map(read).collect()
    }

    /// The grants of a key that are for this secret.
    pub(crate) fn key_grants(&self, key: &str) -> Vec<Value> {
        let grants = self.api.does("kms", "list_grants", json!({"KeyId": key}))["Grants"].take();
        grants.as_array().unwrap().clone()
    }

    pub(crate) fn grant(&self, spec: GrantSpec) -> Result<secret_store::Grant, StoreError> {
        wait(self.store.grant(&self.secret, spec))
    }
}
