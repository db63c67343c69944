//! A workspace with the provider on a double of AWS, and names that no other test uses.

use secretlint_tests::servers::aws::ministack::Ministack;
use secretlint_tests::servers::aws::moto::Moto;
use secretlint_tests::servers::aws::{Api, Credentials};
use secretlint_tests::servers::fresh_name;
use secretlint_tests::terraform::Workspace;
use serde_json::{Value, json};

/// A double, as its root sees it, and the prefix of all names of one test.
pub(crate) struct Scene {
    pub(crate) api: Api,
    pub(crate) prefix: String,
}

impl Scene {
    /// The shared moto, of which the workspace's environment tells. `None` where it is not installed.
    pub(crate) fn new(terraform: &mut Workspace) -> Option<Self> {
        Some(Self::on(Moto::shared()?.api(), terraform))
    }

    /// The shared ministack, which lets nobody do what no policy allows. `None` where it is not installed.
    pub(crate) fn guarded(terraform: &mut Workspace) -> Option<Self> {
        Some(Self::on(Ministack::shared()?.api(), terraform))
    }

    /// A double of the test's own.
    pub(crate) fn on(api: &Api, terraform: &mut Workspace) -> Self {
        let scene = Self { api: api.clone(), prefix: fresh_name("prod") };
        become_identity(terraform, &scene.api);
        scene
    }

    /// Lets the provider reach the double by this address, such as a proxy's.
    pub(crate) fn speak_to(&self, terraform: &mut Workspace, address: &str) {
        become_identity(terraform, &self.api.at(address));
    }

    /// Lets the provider be another identity.
    pub(crate) fn work_as(&self, terraform: &mut Workspace, credentials: &Credentials) {
        become_identity(terraform, &self.api.with(credentials));
    }

    /// Serves the provider and writes `main.tf`: the provider on this store, the prefix as `local.prefix`, then `resources`.
    pub(crate) fn configure(&self, terraform: &mut Workspace, resources: &str) {
        self.configure_with(terraform, "", resources);
    }

    /// As [`Scene::configure`], with arguments of the store's block.
    pub(crate) fn configure_with(&self, terraform: &mut Workspace, arguments: &str, resources: &str) {
        terraform.provide_secret().write("main.tf", format!("{}{resources}", self.header(arguments)));
    }

    /// The start of every configuration.
    pub(crate) fn header(&self, arguments: &str) -> String {
        format!(
            r#"
            terraform {{
              required_providers {{
                secret = {{ source = "secretlint/secret" }}
              }}
            }}
            provider "secret" {{
              aws {{
                {arguments}
              }}
            }}
            locals {{ prefix = "{}" }}
            "#,
            self.prefix
        )
    }

    /// The whole name of a secret of this test.
    pub(crate) fn name(&self, name: &str) -> String {
        format!("{}/{name}", self.prefix)
    }

    /// `DescribeSecret`.
    #[track_caller]
    pub(crate) fn describe(&self, name: &str) -> Value {
        self.api.does("secretsmanager", "describe_secret", json!({"SecretId": self.name(name)}))
    }

    /// Whether there is such a secret, deleted or not.
    pub(crate) fn exists(&self, name: &str) -> bool {
        self.api.call("secretsmanager", "describe_secret", json!({"SecretId": self.name(name)})).is_ok()
    }

    /// `GetSecretValue` of the version with this label.
    #[track_caller]
    pub(crate) fn read(&self, name: &str, label: &str) -> Value {
        let request = json!({"SecretId": self.name(name), "VersionStage": label});
        self.api.does("secretsmanager", "get_secret_value", request)
    }

    /// The text of the current version.
    #[track_caller]
    pub(crate) fn text(&self, name: &str) -> String {
        self.read(name, "AWSCURRENT")["SecretString"].as_str().expect("a text").to_owned()
    }

    /// The members of the current version.
    #[track_caller]
    pub(crate) fn fields(&self, name: &str) -> Value {
        serde_json::from_str(&self.text(name)).expect("a JSON value")
    }

    /// The ids of all versions, also of those that have no label any more.
    #[track_caller]
    pub(crate) fn versions(&self, name: &str) -> Vec<String> {
        let request = json!({"SecretId": self.name(name), "IncludeDeprecated": true});
        let answer = self.api.does("secretsmanager", "list_secret_version_ids", request);
        let versions = answer["Versions"].as_array().cloned().unwrap_or_default();
        versions.iter().filter_map(|version| version["VersionId"].as_str().map(str::to_owned)).collect()
    }

    /// The tags, without those that the provider keeps its own notes in.
    #[track_caller]
    pub(crate) fn tags(&self, name: &str) -> Value {
        let tags = self.describe(name)["Tags"].as_array().cloned().unwrap_or_default();
        let tags =
            tags.into_iter().filter_map(|tag| Some((tag["Key"].as_str()?.to_owned(), tag["Value"].clone())));
        Value::Object(tags.filter(|(key, _)| !key.starts_with("secretlint:")).collect())
    }

    /// The statements of the resource policy.
    #[track_caller]
    pub(crate) fn statements(&self, name: &str) -> Vec<Value> {
        let request = json!({"SecretId": self.name(name)});
        let answer = self.api.does("secretsmanager", "get_resource_policy", request);
        let Some(text) = answer["ResourcePolicy"].as_str() else { return Vec::new() };
        let document: Value = serde_json::from_str(text).expect("a policy is JSON");
        document["Statement"].as_array().cloned().unwrap_or_default()
    }

    /// The names of all secrets of this test below a folder, deleted ones too.
    pub(crate) fn below(&self, folder: &str) -> Vec<String> {
        let start = format!("{}/{folder}/", self.prefix);
        let mut names = Vec::new();
        let mut request = json!({"IncludePlannedDeletion": true, "MaxResults": 100});
        loop {
            let answer = self.api.does("secretsmanager", "list_secrets", request.clone());
            let page = answer["SecretList"].as_array().cloned().unwrap_or_default();
            let found = page.iter().filter_map(|secret| secret["Name"].as_str());
            names.extend(found.filter(|name| name.starts_with(&start)).map(str::to_owned));
            match answer["NextToken"].as_str() {
                Some(token) => request["NextToken"] = json!(token),
                None => return names,
            }
        }
    }
}

/// Sets the variables by which every program in the workspace is this identity, there.
pub(crate) fn become_identity(terraform: &mut Workspace, api: &Api) {
    for (name, value) in api.environment() {
        terraform.set(name, value);
    }
    if api.credentials().session_token.is_none() {
        terraform.unset("AWS_SESSION_TOKEN");
    }
}
