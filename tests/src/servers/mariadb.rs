//! MariaDB, which speaks MySQL's protocol: a second database whose logins are real.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::process::Signal;

use super::{Server, isolated, query_result};
use crate::process::Running;
use crate::{programs, skip::skip};

/// The administrator that [`Mariadb::start`] makes.
pub const ADMINISTRATOR: &str = "administrator";
/// Its password.
pub const PASSWORD: &str = "only-for-tests";

/// A running MariaDB with one empty database, `orders`. It ends, and its folder is removed, with this value or with the
/// test process.
#[derive(Debug)]
pub struct Mariadb {
    server: Server,
    client: PathBuf,
    port: u16,
    queries: AtomicUsize,
}

impl Mariadb {
    /// An empty server. `None`, and a line that says so, where MariaDB is not installed.
    pub fn start() -> Option<Self> {
        let names = ["mariadb-install-db", "mariadbd", "mariadb"];
        let [Some(install), Some(mariadbd), Some(client)] = names.map(program) else {
            skip("MariaDB is not installed: run `tests/tools/install tests`");
            return None;
        };
        let (server, port) =
            Server::start("mariadb", "ready for connections", Signal::KILL, |folder, port| {
                let data = initialise(&install, folder);
                let setup = folder.join("setup.sql");
                std::fs::write(&setup, setup_statements()).expect("a scratch folder is writable");
                let mut command = isolated(&mariadbd, folder);
                // First: the server takes this option nowhere else.
                command
                    .arg("--no-defaults")
                    .args(own_user())
                    .args(["--bind-address=127.0.0.1", "--skip-name-resolve"]);
                command.arg(format!("--port={port}"));
                command.arg(format!("--datadir={}", data.display()));
                command.arg(format!("--socket={}", folder.join("socket").display()));
                command.arg(format!("--init-file={}", setup.display()));
                // Nothing of this outlives the test: small files, and no waiting for the disk.
                command.args(["--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0"]);
                command
            });
        Some(Self { server, client, port, queries: AtomicUsize::new(0) })
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.server.id()
    }

    /// The connection of the administrator, as OpenBao's `mysql-database-plugin` takes it.
    pub fn connection_url(&self) -> String {
        format!("{ADMINISTRATOR}:{PASSWORD}@tcp(127.0.0.1:{})/", self.port)
    }

    /// The same with the login left for the plugin to fill in.
    pub fn connection_template(&self) -> String {
        format!("{{{{username}}}}:{{{{password}}}}@tcp(127.0.0.1:{})/", self.port)
    }

    /// Logs in with the real client and runs `sql`: the rows, one in a line, columns separated by a tab.
    ///
    /// # Errors
    /// What the server said, above all when it refused the login.
    pub fn query(&self, user: &str, password: &str, sql: &str) -> Result<String, String> {
        let mut command = isolated(&self.client, self.server.folder());
        command.env("MYSQL_PWD", password).args(["--no-defaults", "--protocol=tcp", "--host=127.0.0.1"]);
        command.args(["--batch", "--skip-column-names", "--connect-timeout=30"]);
        command.arg(format!("--port={}", self.port)).arg(format!("--user={user}")).args(["--execute", sql]);
        let number = self.queries.fetch_add(1, Ordering::Relaxed);
        query_result(
            Running::start(command, &self.server.folder().join(format!("query-{number}")), None).wait(),
        )
    }

    /// As [`Mariadb::query`], as the administrator.
    ///
    /// # Panics
    /// When it is refused.
    #[track_caller]
    pub fn administer(&self, sql: &str) -> String {
        self.query(ADMINISTRATOR, PASSWORD, sql).unwrap_or_else(|error| panic!("`{sql}` is refused: {error}"))
    }
}

fn initialise(install: &Path, folder: &Path) -> PathBuf {
    let data = folder.join("data");
    let mut command = isolated(install, folder);
    command.arg("--no-defaults").args(own_user()).arg("--auth-root-authentication-method=normal");
    command.arg("--skip-test-db").arg(format!("--datadir={}", data.display()));
    Running::start(command, &folder.join("install"), None).wait().succeeds();
    data
}

/// Run by the server before it listens, one statement in a line.
fn setup_statements() -> String {
    format!(
        "CREATE DATABASE orders;\n\
         CREATE USER '{ADMINISTRATOR}'@'%' IDENTIFIED BY '{PASSWORD}';\n\
         GRANT ALL PRIVILEGES ON *.* TO '{ADMINISTRATOR}'@'%' WITH GRANT OPTION;\n"
    )
}

/// As root, MariaDB runs only when it is told so.
fn own_user() -> Option<&'static str> {
    rustix::process::geteuid().is_root().then_some("--user=root")
}

/// A program of MariaDB: the server is often where only root's PATH leads.
fn program(name: &str) -> Option<PathBuf> {
    let elsewhere = || Some(Path::new("/usr/sbin").join(name)).filter(|program| program.is_file());
    programs::on_path(name).or_else(elsewhere)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_needs_its_password_and_the_server_ends_with_its_value() {
        let Some(mariadb) = Mariadb::start() else { return };
        mariadb.administer("CREATE USER 'orders'@'%' IDENTIFIED BY 'first'");
        assert_eq!(mariadb.query("orders", "first", "SELECT 1, 'a'"), Ok("1\ta".to_owned()));
        let refused = mariadb.query("orders", "second", "SELECT 1").expect_err("the password is another");
        assert!(refused.contains("Access denied"), "{refused}");
        let anonymous = mariadb.query("nobody", "", "SELECT 1").expect_err("there are no anonymous users");
        assert!(anonymous.contains("Access denied"), "{anonymous}");
        let (id, folder) = (mariadb.id(), mariadb.server.folder().to_path_buf());
        drop(mariadb);
        assert!(!Path::new(&format!("/proc/{id}")).exists(), "process {id} still runs");
        assert!(!folder.exists());
    }
}
