//! PostgreSQL: a database whose logins are real, for rotation and dynamic credentials.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::Signal;

use super::{Server, isolated, query_result};
use crate::process::Running;
use crate::skip::skip;

/// The superuser that [`Postgres::start`] makes.
pub const SUPERUSER: &str = "postgres";
/// Its password.
pub const PASSWORD: &str = "only-for-tests";

const PROGRAMS: [&str; 3] = ["initdb", "postgres", "psql"];

/// A running PostgreSQL with one database, `postgres`, where every login needs its password. It ends, and its folder is
/// removed, with this value or with the test process.
#[derive(Debug)]
pub struct Postgres {
    server: Server,
    psql: PathBuf,
    port: u16,
    queries: AtomicUsize,
}

impl Postgres {
    /// An empty server. `None`, and a line that says so, where PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
        let Some(release) = release() else {
            skip("PostgreSQL is not installed: run `tests/tools/install tests`");
            return None;
        };
        let [initdb, postgres, psql] = PROGRAMS.map(|program| release.join(program));
        // Immediate shutdown: the data are thrown away, but shared memory must be given back.
        let (server, port) =
            Server::start("postgres", "ready to accept connections", Signal::QUIT, |folder, port| {
                let data = initialise(&initdb, folder);
                let mut command = unprivileged(&postgres, folder);
                command.arg("-D").arg(data).args(["-h", "127.0.0.1", "-p", &port.to_string()]);
                // No socket file, and no waiting for the disk: nothing of this outlives the test.
                command.args([
                    "-c",
                    "unix_socket_directories=",
                    "-c",
                    "fsync=off",
                    "-c",
                    "max_connections=50",
                ]);
                command
            });
        Some(Self { server, psql, port, queries: AtomicUsize::new(0) })
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.server.id()
    }

    /// The connection of the superuser, as PostgreSQL's clients take it.
    pub fn connection_url(&self) -> String {
        format!("postgresql://{SUPERUSER}:{PASSWORD}@127.0.0.1:{}/postgres?sslmode=disable", self.port)
    }

    /// The connection as OpenBao's `postgresql-database-plugin` takes it, which fills in the login itself.
    pub fn connection_template(&self) -> String {
        format!(
            "postgresql://{{{{username}}}}:{{{{password}}}}@127.0.0.1:{}/postgres?sslmode=disable",
            self.port
        )
    }

    /// Logs in with the real client and runs `sql`: the rows, one in a line, columns separated by `|`.
    ///
    /// # Errors
    /// What the server said, above all when it refused the login.
    pub fn query(&self, user: &str, password: &str, sql: &str) -> Result<String, String> {
        let mut command = isolated(&self.psql, self.server.folder());
        command.env("PGPASSWORD", password).env("PGCONNECT_TIMEOUT", "30");
        command.args(["--no-psqlrc", "--no-password", "--tuples-only", "--no-align", "--quiet"]);
        command.args(["--set", "ON_ERROR_STOP=1", "--host", "127.0.0.1", "--port", &self.port.to_string()]);
        command.args(["--username", user, "--dbname", "postgres", "--command", sql]);
        let number = self.queries.fetch_add(1, Ordering::Relaxed);
        query_result(
            Running::start(command, &self.server.folder().join(format!("query-{number}")), None).wait(),
        )
    }

    /// As [`Postgres::query`], as the superuser.
    ///
    /// # Panics
    /// When it is refused.
    #[track_caller]
    pub fn administer(&self, sql: &str) -> String {
        self.query(SUPERUSER, PASSWORD, sql).unwrap_or_else(|error| panic!("`{sql}` is refused: {error}"))
    }
}

/// Makes the data folder, which belongs to the user that the server runs as.
fn initialise(initdb: &Path, folder: &Path) -> PathBuf {
    let data = folder.join("data");
    let password = folder.join("password");
    std::fs::create_dir(&data).expect("a scratch folder is writable");
    std::fs::write(&password, PASSWORD).expect("a scratch folder is writable");
    if is_root() {
        let status = Command::new("chown").arg("-R").arg("postgres:").arg(folder).status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "the user `postgres` cannot be given {}",
            folder.display()
        );
    }
    let mut command = unprivileged(initdb, folder);
    command.arg("-D").arg(&data).arg("--pwfile").arg(&password);
    command.args(["--username", SUPERUSER, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"]);
    command.args(["--no-sync", "--no-instructions"]);
    Running::start(command, &folder.join("initdb"), None).wait().succeeds();
    data
}

/// `program` as a user that PostgreSQL agrees to run as: it refuses to be root.
fn unprivileged(program: &Path, folder: &Path) -> Command {
    if !is_root() {
        return isolated(program, folder);
    }
    let mut command = isolated(Path::new("/usr/bin/setpriv"), folder);
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The folder with `initdb`, `postgres` and `psql` of one release: Debian keeps them off PATH, one folder for each.
fn release() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = std::env::split_paths(&path).chain(installed.map(|release| release.path().join("bin")));
    let mut folders = folders.filter(|folder| PROGRAMS.iter().all(|program| folder.join(program).is_file()));
    folders.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_needs_its_password_and_the_server_ends_with_its_value() {
        let Some(postgres) = Postgres::start() else { return };
        postgres.administer("CREATE ROLE orders LOGIN PASSWORD 'first'");
        assert_eq!(postgres.query("orders", "first", "SELECT current_user"), Ok("orders".to_owned()));
        let refused = postgres.query("orders", "second", "SELECT 1").expect_err("the password is another");
        assert!(refused.contains("password authentication failed"), "{refused}");
        let syntax = postgres.query(SUPERUSER, PASSWORD, "SELEC 1").expect_err("that is no SQL");
        assert!(syntax.contains("syntax error"), "{syntax}");
        let (id, folder) = (postgres.id(), postgres.server.folder().to_path_buf());
        drop(postgres);
        assert!(!Path::new(&format!("/proc/{id}")).exists(), "process {id} still runs");
        assert!(!folder.exists());
    }
}
