//! Real servers for the tests, each an ordinary process on 127.0.0.1 with its data in a scratch folder.
//!
//! A server ends with the value that stands for it, and also when the test process ends in any other way (a static is
//! never dropped, and a run may be interrupted): a small shell beside it waits on a pipe that only the test process holds.

pub mod aws;
pub mod kubernetes;
pub mod mariadb;
pub mod openbao;
pub mod postgres;

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::process::{Finished, Running};

/// How often a start is tried: between choosing a free port and listening on it, somebody else may take it.
const ATTEMPTS: usize = 5;
/// How long a server may take to end by itself before it is killed.
const FAREWELL: Duration = Duration::from_secs(10);

/// Becomes the server, after leaving a watcher behind. Its arguments: the folder to remove, the signal that ends the
/// server, and the server's command. The watcher's `read` returns when the pipe's other end is closed, whatever closed it.
const GUARD: &str = r#"
folder=$1 signal=$2
shift 2
exec 3<&0 </dev/null
{
    read -r _ <&3
    kill -"$signal" $$
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        kill -0 $$ || break
        /bin/sleep 0.1
    done
    /bin/rm -rf "$folder"
    kill -KILL 0
} >/dev/null 2>&1 &
exec "$@" 3<&-
"#;

/// A server that runs, and its folder.
#[derive(Debug)]
pub(crate) struct Server {
    // Ends before its folder is removed.
    running: Option<Running>,
    folder: TempDir,
    stop: Signal,
}

impl Server {
    /// Starts the command that `prepare` makes for a scratch folder and a free port, after which another port is free too,
    /// and waits until the server says `ready`. `stop` ends it; its data are thrown away then.
    ///
    /// # Panics
    /// When it does not start; the message holds what it printed.
    pub(crate) fn start(
        name: &str,
        ready: &str,
        stop: Signal,
        prepare: impl Fn(&Path, u16) -> Command,
    ) -> (Self, u16) {
        let mut refused = String::new();
        for _ in 0..ATTEMPTS {
            let folder =
                tempfile::Builder::new().prefix(&format!("{name}-")).tempdir().expect("a scratch folder");
            let port = free_ports();
            let command = guarded(&prepare(folder.path(), port), folder.path(), stop);
            let mut running = Running::start_guarded(command, &folder.path().join("server"));
            match running.comes_to_say(ready) {
                Ok(()) => return (Self { running: Some(running), folder, stop }, port),
                Err(printed) => refused = printed,
            }
        }
        panic!("{name} does not start: {refused}");
    }

    /// The folder with everything that the server writes.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.running.as_ref().map_or(0, Running::id)
    }

    /// What it printed.
    pub(crate) fn printed(&self) -> String {
        self.running.as_ref().map(Running::output).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        // Not the whole group at once: PostgreSQL must be asked, since a killed one leaves shared memory behind.
        running.signal(self.stop);
        let start = Instant::now();
        while !running.has_ended() && start.elapsed() < FAREWELL {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// `command` under the guard.
fn guarded(command: &Command, folder: &Path, stop: Signal) -> Command {
    let mut guarded = Command::new("/bin/sh");
    guarded.args(["-c", GUARD, "sh"]).arg(folder).arg(stop.as_raw().to_string());
    guarded.arg(command.get_program()).args(command.get_args());
    guarded.current_dir(folder).env_clear();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            guarded.env(name, value);
        }
    }
    guarded
}

/// A port on 127.0.0.1 that is free together with the one after it, which OpenBao takes for its cluster.
fn free_ports() -> u16 {
    loop {
        let first = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let port = first.local_addr().expect("it has an address").port();
        if port < u16::MAX && TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            return port;
        }
    }
}

/// A program cut off from the machine: no variable of the caller but PATH, and `folder` as its home.
fn isolated(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().env("HOME", folder);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// What a database answered, or what it said against it.
fn query_result(finished: Finished) -> Result<String, String> {
    let text = |stream: &str| stream.trim_end().to_owned();
    if finished.code == Some(0) { Ok(text(&finished.stdout)) } else { Err(text(&finished.stderr)) }
}

/// `prefix` with a number that no other call in this process gets: tests that share a server keep apart by it.
pub fn fresh_name(prefix: &str) -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(1);
    format!("{prefix}-{}", NUMBER.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::mariadb::{self, Mariadb};
    use super::openbao::OpenBao;
    use super::postgres::{self, Postgres};

    /// Lets the database engine own the login `orders`, and gives the password that it has set.
    fn rotated_by_openbao(bao: &OpenBao, connection: &serde_json::Value, statement: &str) -> String {
        let mount = bao.fresh_engine("database");
        bao.write(&format!("{mount}/config/orders"), connection);
        let role = json!({
            "db_name": "orders", "username": "orders", "rotation_period": "24h", "rotation_statements": [statement],
        });
        bao.write(&format!("{mount}/static-roles/orders"), &role);
        let read = bao.read(&format!("{mount}/static-creds/orders"));
        read["data"]["password"].as_str().expect("a static role has a password").to_owned()
    }

    #[test]
    fn openbao_rotates_a_login_of_postgresql() {
        let (Some(bao), Some(database)) = (OpenBao::shared(), Postgres::start()) else { return };
        database.administer("CREATE ROLE orders LOGIN PASSWORD 'first'");
        let connection = json!({
            "plugin_name": "postgresql-database-plugin", "allowed_roles": "*",
            "connection_url": database.connection_template(),
            "username": postgres::SUPERUSER, "password": postgres::PASSWORD,
        });
        let password =
            rotated_by_openbao(bao, &connection, "ALTER ROLE \"{{name}}\" WITH PASSWORD '{{password}}'");
        assert_eq!(database.query("orders", &password, "SELECT 1"), Ok("1".to_owned()));
        assert!(database.query("orders", "first", "SELECT 1").is_err());
    }

    #[test]
    fn openbao_rotates_a_login_of_mariadb() {
        let (Some(bao), Some(database)) = (OpenBao::shared(), Mariadb::start()) else { return };
        database.administer("CREATE USER 'orders'@'%' IDENTIFIED BY 'first'");
        let connection = json!({
            "plugin_name": "mysql-database-plugin", "allowed_roles": "*",
            "connection_url": database.connection_template(),
            "username": mariadb::ADMINISTRATOR, "password": mariadb::PASSWORD,
        });
        let password =
            rotated_by_openbao(bao, &connection, "ALTER USER '{{name}}'@'%' IDENTIFIED BY '{{password}}'");
        assert_eq!(database.query("orders", &password, "SELECT 1"), Ok("1".to_owned()));
        assert!(database.query("orders", "first", "SELECT 1").is_err());
    }
}
