//! OpenBao, the real server and its real client `bao`.
//!
//! ```no_run
//! use secretlint_tests::servers::openbao::OpenBao;
//! use serde_json::json;
//!
//! let Some(bao) = OpenBao::shared() else { return };
//! let mount = bao.fresh_kv2_mount();
//! bao.write(&format!("{mount}/data/example"), &json!({"data": {"password": "only an example"}}));
//! bao.cli(&["kv", "get", "-field=password", &format!("{mount}/example")], bao.token()).succeeds().says("only an example");
//! ```

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{Server, fresh_name, isolated};
use crate::certificates::Authority;
use crate::http::{self, Answer};
use crate::process::{Finished, Running};
use crate::{programs, skip::skip};

/// The release that the tests run on.
pub const VERSION: &str = "2.7.2";

/// How long a server may take from its start to its first answer.
const LIMIT: Duration = Duration::from_secs(60);
const STARTED: &str = "OpenBao server started!";
const DEV_TOKEN: &str = "root";

/// A running OpenBao. It ends, and its folder is removed, with this value or with the test process.
#[derive(Debug)]
pub struct OpenBao {
    server: Server,
    program: PathBuf,
    api: Api,
    unseal_key: String,
    commands: AtomicUsize,
}

/// The HTTP API as one token sees it in one namespace.
#[derive(Debug, Clone)]
pub struct Api {
    address: String,
    ca_file: Option<PathBuf>,
    token: String,
    namespace: Option<String>,
}

impl OpenBao {
    /// The server in dev mode: in memory, plain HTTP, unsealed, ready in a fraction of a second. `None`, and a line that
    /// says so, where OpenBao is not installed.
    pub fn dev() -> Option<Self> {
        let program = installed()?;
        let (server, port) = Server::start("openbao", DEV_TOKEN_SHOWN, Signal::KILL, |folder, port| {
            let mut command = isolated(&program, folder);
            command.args(["server", "-dev", "-dev-no-store-token"]);
            command.arg(format!("-dev-root-token-id={DEV_TOKEN}"));
            command.arg(format!("-dev-listen-address=127.0.0.1:{port}"));
            command
        });
        let printed = server.printed();
        let unseal_key = printed.lines().find_map(|line| line.strip_prefix("Unseal Key: "));
        let unseal_key = unseal_key.expect("a dev server prints its unseal key").trim().to_owned();
        let api = Api {
            address: format!("http://127.0.0.1:{port}"),
            ca_file: None,
            token: DEV_TOKEN.to_owned(),
            namespace: None,
        };
        let bao = Self { server, program, api, unseal_key, commands: AtomicUsize::new(0) };
        bao.wait_until_active();
        Some(bao)
    }

    /// The dev server that all tests of this process share; each takes a mount, and names, of its own. `None`, and a line
    /// that says so, where OpenBao is not installed.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<OpenBao> = OnceLock::new();
        installed()?;
        Some(SHARED.get_or_init(|| Self::dev().expect("the program was found just before")))
    }

    /// The server as in production: raft storage, TLS, an audit file, initialised and unsealed here. `None`, and a line that
    /// says so, where OpenBao is not installed.
    pub fn production() -> Option<Self> {
        let program = installed()?;
        let (server, port) = Server::start("openbao", STARTED, Signal::KILL, |folder, port| {
            let configuration = folder.join("server.hcl");
            std::fs::create_dir(folder.join("raft")).expect("a scratch folder is writable");
            Authority::create(folder).server("server");
            std::fs::write(&configuration, production_configuration(folder, port)).expect("it is writable");
            let mut command = isolated(&program, folder);
            command.arg("server").arg("-config").arg(configuration);
            command
        });
        let api = Api {
            address: format!("https://127.0.0.1:{port}"),
            ca_file: Some(server.folder().join("ca.pem")),
            token: String::new(),
            namespace: None,
        };
        let made = api
            .request("PUT", "sys/init", Some(&json!({"secret_shares": 1, "secret_threshold": 1})))
            .succeeds();
        let text = |value: &Value| value.as_str().expect("initialising gives a key and a token").to_owned();
        let api = api.with_token(&text(&made["root_token"]));
        let unseal_key = text(&made["keys_base64"][0]);
        let bao = Self { server, program, api, unseal_key, commands: AtomicUsize::new(0) };
        bao.unseal();
        Some(bao)
    }

    /// `http://127.0.0.1:PORT` or, in production, `https://…`: what `VAULT_ADDR` takes.
    pub fn address(&self) -> &str {
        &self.api.address
    }

    /// The root token.
    pub fn token(&self) -> &str {
        &self.api.token
    }

    /// The certificate to trust, for `VAULT_CACERT`; `None` in dev mode, which speaks plain HTTP.
    pub fn ca_file(&self) -> Option<&Path> {
        self.api.ca_file.as_deref()
    }

    /// The log of the audit device; `None` in dev mode.
    pub fn audit_log(&self) -> Option<PathBuf> {
        let log = self.server.folder().join("audit.log");
        log.exists().then_some(log)
    }

    /// The folder of the server: its data, its log, and what the commands of [`OpenBao::cli`] printed.
    pub fn folder(&self) -> &Path {
        self.server.folder()
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.server.id()
    }

    /// The HTTP API with the root token.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// A request with the root token; see [`Api::request`].
    pub fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.api.request(method, path, body)
    }

    /// Reads `path` with the root token; see [`Api::read`].
    #[track_caller]
    pub fn read(&self, path: &str) -> Value {
        self.api.read(path)
    }

    /// Writes `path` with the root token; see [`Api::write`].
    #[track_caller]
    pub fn write(&self, path: &str, body: &Value) -> Value {
        self.api.write(path, body)
    }

    /// Mounts an empty KV version 2 engine and gives its path.
    pub fn fresh_kv2_mount(&self) -> String {
        let mount = self.fresh_mount("kv", &json!({"type": "kv", "options": {"version": "2"}}));
        // A new mount answers 400 for a moment, while it "upgrades" from version 1.
        let path = format!("{mount}/config");
        self.wait_until(&format!("{mount} is mounted"), || self.request("GET", &path, None).status == 200);
        mount
    }

    /// Mounts an empty KV version 1 engine and gives its path.
    pub fn fresh_kv1_mount(&self) -> String {
        self.fresh_mount("kv1", &json!({"type": "kv", "options": {"version": "1"}}))
    }

    /// Mounts an engine of this type (`database`, `pki`, …) and gives its path.
    pub fn fresh_engine(&self, engine: &str) -> String {
        self.fresh_mount(engine, &json!({ "type": engine }))
    }

    /// Enables an auth method of this type (`approle`, `userpass`, …) and gives its path below `auth/`.
    pub fn fresh_auth_method(&self, method: &str) -> String {
        let mount = fresh_name(method);
        self.write(&format!("sys/auth/{mount}"), &json!({ "type": method }));
        mount
    }

    fn fresh_mount(&self, prefix: &str, definition: &Value) -> String {
        let mount = fresh_name(prefix);
        self.write(&format!("sys/mounts/{mount}"), definition);
        mount
    }

    /// Writes a policy under a fresh name and gives that name.
    pub fn fresh_policy(&self, text: &str) -> String {
        let name = fresh_name("policy");
        self.write(&format!("sys/policies/acl/{name}"), &json!({ "policy": text }));
        name
    }

    /// A token with these policies, valid for an hour.
    pub fn fresh_token(&self, policies: &[&str]) -> String {
        let made = self.write("auth/token/create", &json!({"policies": policies, "ttl": "1h"}));
        made["auth"]["client_token"].as_str().expect("a created token is shown").to_owned()
    }

    /// Seals the server: it answers 503 until [`OpenBao::unseal`].
    pub fn seal(&self) {
        self.write("sys/seal", &json!({}));
    }

    /// Unseals the server and waits until it is active.
    pub fn unseal(&self) {
        self.write("sys/unseal", &json!({"key": self.unseal_key}));
        self.wait_until_active();
    }

    /// Runs the real client `bao` with this token.
    pub fn cli(&self, arguments: &[&str], token: &str) -> Finished {
        self.start_cli(arguments, token).wait()
    }

    /// Starts the real client `bao` with this token, for one that keeps running as `bao agent` does.
    pub fn start_cli(&self, arguments: &[&str], token: &str) -> Running {
        let number = self.commands.fetch_add(1, Ordering::Relaxed);
        let mut command = isolated(&self.program, self.folder());
        command.args(arguments).env("BAO_ADDR", self.address()).env("BAO_TOKEN", token);
        if let Some(authority) = self.ca_file() {
            command.env("BAO_CACERT", authority);
        }
        Running::start(command, &self.folder().join(format!("cli-{number}")), None)
    }

    fn wait_until_active(&self) {
        // 429 is a standby, which a raft node is until it has elected itself.
        self.wait_until("the server is active", || self.request("GET", "sys/health", None).status == 200);
    }

    fn wait_until(&self, what: &str, reached: impl Fn() -> bool) {
        let start = Instant::now();
        while !reached() {
            assert!(start.elapsed() < LIMIT, "not within {LIMIT:?}: {what}\n{}", self.server.printed());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Api {
    /// The same server with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// The same server and token in this namespace.
    pub fn in_namespace(&self, namespace: &str) -> Self {
        Self { namespace: Some(namespace.to_owned()), ..self.clone() }
    }

    /// The same token at another address that speaks plain HTTP, such as a proxy's.
    pub fn at(&self, address: &str) -> Self {
        Self { address: address.to_owned(), ca_file: None, ..self.clone() }
    }

    /// One request. `path` is below `/v1/`; `method` is a HTTP method or `LIST`.
    ///
    /// # Panics
    /// When no answer comes; see [`Api::try_request`].
    #[track_caller]
    pub fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let answer = self.try_request(method, path, body);
        answer.unwrap_or_else(|error| panic!("no answer to {method} {path}: {error}"))
    }

    /// One request, as [`Api::request`].
    ///
    /// # Errors
    /// What kept the answer from coming.
    pub fn try_request(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, String> {
        let mut headers = Vec::new();
        if !self.token.is_empty() {
            headers.push(("x-vault-token", self.token.as_str()));
        }
        if let Some(namespace) = &self.namespace {
            headers.push(("x-vault-namespace", namespace));
        }
        http::request(&self.address, self.ca_file.as_deref(), method, &format!("/v1/{path}"), &headers, body)
    }

    /// Reads `path`, which must succeed.
    #[track_caller]
    pub fn read(&self, path: &str) -> Value {
        self.request("GET", path, None).succeeds()
    }

    /// Writes `path`, which must succeed.
    #[track_caller]
    pub fn write(&self, path: &str, body: &Value) -> Value {
        self.request("PUT", path, Some(body)).succeeds()
    }

    /// Deletes `path`, which must succeed.
    #[track_caller]
    pub fn delete(&self, path: &str) {
        self.request("DELETE", path, None).succeeds();
    }
}

/// The last line that a dev server prints about itself.
const DEV_TOKEN_SHOWN: &str = "Root Token: ";

/// The program, or a line that says that it is missing.
fn installed() -> Option<PathBuf> {
    let program = programs::tool(&format!("openbao-{VERSION}/bao"));
    if program.is_none() {
        skip(&format!("OpenBao {VERSION} is not installed: run `tests/tools/install tests`"));
    }
    program
}

fn production_configuration(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    // The raft timeouts are those for a busy, distant cluster unless the multiplier is 1, which saves six seconds.
    format!(
        r#"api_addr     = "https://127.0.0.1:{port}"
cluster_addr = "https://127.0.0.1:{cluster}"

storage "raft" {{
  path                   = "{folder}/raft"
  node_id                = "one"
  performance_multiplier = 1
}}

listener "tcp" {{
  address         = "127.0.0.1:{port}"
  cluster_address = "127.0.0.1:{cluster}"
  tls_cert_file   = "{folder}/server.pem"
  tls_key_file    = "{folder}/server.key"
}}

audit "file" "everything" {{
  options = {{
    file_path = "{folder}/audit.log"
  }}
}}
"#,
        cluster = port + 1
    )
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_dev_server_answers_and_is_gone_after_its_value() {
        let Some(bao) = OpenBao::dev() else { return };
        let (id, folder) = (bao.id(), bao.folder().to_path_buf());
        assert_eq!(bao.read("sys/health")["version"], VERSION);
        drop(bao);
        assert!(!Path::new(&format!("/proc/{id}")).exists(), "process {id} still runs");
        assert!(!folder.exists());
    }

    #[test]
    fn tests_that_share_a_server_have_mounts_of_their_own() {
        let Some(bao) = OpenBao::shared() else { return };
        let (one, other) = (bao.fresh_kv2_mount(), bao.fresh_kv2_mount());
        bao.write(&format!("{one}/data/a"), &json!({"data": {"x": "1"}}));
        assert_eq!(bao.read(&format!("{one}/data/a"))["data"]["data"], json!({"x": "1"}));
        assert_eq!(bao.request("GET", &format!("{other}/data/a"), None).status, 404);
    }

    #[test]
    fn a_kv_version_1_mount_has_no_metadata() {
        let Some(bao) = OpenBao::shared() else { return };
        let mount = bao.fresh_kv1_mount();
        bao.write(&format!("{mount}/a"), &json!({"x": "1"}));
        assert_eq!(bao.read(&format!("{mount}/a"))["data"], json!({"x": "1"}));
        assert_eq!(bao.request("LIST", &mount, None).succeeds()["data"]["keys"], json!(["a"]));
    }

    #[test]
    fn the_real_client_reads_what_its_token_may() {
        let Some(bao) = OpenBao::shared() else { return };
        let mount = bao.fresh_kv2_mount();
        for name in ["open", "closed"] {
            bao.write(&format!("{mount}/data/{name}"), &json!({"data": {"x": "an example"}}));
        }
        let policy = bao.fresh_policy(&format!("path \"{mount}/data/open\" {{ capabilities = [\"read\"] }}"));
        let token = bao.fresh_token(&[&policy]);
        let read = |name: &str| bao.cli(&["kv", "get", "-mount", &mount, "-field=x", name], &token);
        assert_eq!(read("open").succeeds().stdout, "an example");
        read("closed").exits_with(2).says("permission denied");
    }

    #[test]
    fn a_namespace_has_mounts_of_its_own() {
        let Some(bao) = OpenBao::shared() else { return };
        let namespace = fresh_name("team");
        bao.write(&format!("sys/namespaces/{namespace}"), &json!({}));
        let team = bao.api().in_namespace(&namespace);
        team.write("sys/mounts/only-here", &json!({"type": "kv"}));
        assert!(team.read("sys/mounts")["data"]["only-here/"].is_object());
        assert!(bao.read("sys/mounts")["data"]["only-here/"].is_null());
    }

    #[test]
    fn a_sealed_server_answers_503_until_it_is_unsealed() {
        let Some(bao) = OpenBao::dev() else { return };
        bao.seal();
        assert_eq!(bao.request("GET", "sys/mounts", None).status, 503);
        bao.unseal();
        assert_eq!(bao.request("GET", "sys/mounts", None).status, 200);
    }

    #[test]
    fn production_has_raft_tls_and_an_audit_log() {
        let Some(bao) = OpenBao::production() else { return };
        assert_eq!(
            bao.read("sys/storage/raft/configuration")["data"]["config"]["servers"][0]["node_id"],
            "one"
        );
        let log = bao.audit_log().expect("production has an audit log");
        assert!(std::fs::read_to_string(log).expect("it is text").contains("sys/storage/raft/configuration"));
        bao.cli(&["status"], bao.token()).succeeds().says("raft");
        let foreign = tempfile::tempdir().expect("a scratch folder");
        let foreign = Authority::create(foreign.path()).file();
        let refused =
            Api { ca_file: Some(foreign), ..bao.api().clone() }.try_request("GET", "sys/health", None);
        let reason = refused.expect_err("another authority's certificate is not trusted");
        assert!(reason.contains("invalid peer certificate"), "{reason}");
    }

    #[test]
    fn a_client_certificate_logs_in_where_its_authority_is_trusted() {
        let Some(bao) = OpenBao::production() else { return };
        let scratch = tempfile::tempdir().expect("a scratch folder");
        let authority = Authority::create(scratch.path());
        let identity = authority.client("orders");
        let mount = bao.fresh_auth_method("cert");
        let trusted = std::fs::read_to_string(authority.file()).expect("the authority wrote its certificate");
        let role =
            json!({"certificate": trusted, "allowed_common_names": "orders", "token_policies": "default"});
        bao.write(&format!("auth/{mount}/certs/orders"), &role);
        let (certificate, key) = (identity.certificate.display(), identity.key.display());
        let (certificate, key) = (format!("-client-cert={certificate}"), format!("-client-key={key}"));
        let path = format!("-path={mount}");
        let login =
            ["login", "-method=cert", "-no-store", "-token-only", &path, &certificate, &key, "name=orders"];
        let token = bao.cli(&login, "").succeeds().stdout;
        let own = bao.api().with_token(token.trim()).read("auth/token/lookup-self");
        assert_eq!(own["data"]["meta"]["common_name"], "orders");
    }

    /// The shared server is a static, which is never dropped: this starts one in a process of its own.
    #[test]
    fn a_shared_server_is_gone_after_its_process() {
        const INSIDE: &str = "SECRETLINT_TESTS_SHARED_SERVER";
        if std::env::var_os(INSIDE).is_some() {
            if let Some(bao) = OpenBao::shared() {
                println!("server {} {}", bao.id(), bao.folder().display());
            }
            return;
        }
        if installed().is_none() {
            return;
        }
        let this = "servers::openbao::tests::a_shared_server_is_gone_after_its_process";
        let mut command = Command::new(std::env::current_exe().expect("a running program has a path"));
        let output =
            command.args(["--exact", this, "--nocapture"]).env(INSIDE, "1").output().expect("it runs again");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let (_, server) = printed.split_once("server ").unwrap_or_else(|| panic!("no server in {printed}"));
        let mut words = server.split_whitespace();
        let process = PathBuf::from("/proc").join(words.next().expect("its id"));
        let folder = PathBuf::from(words.next().expect("its folder"));
        let start = Instant::now();
        while process.exists() || folder.exists() {
            assert!(start.elapsed() < LIMIT, "{} or {} is still there", process.display(), folder.display());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
