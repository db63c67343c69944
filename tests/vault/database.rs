//! The database engine: a login that the server rotates, and one that exists only while Terraform runs.

use secretlint_tests::on_each_terraform;
use secretlint_tests::servers::fresh_name;
use secretlint_tests::servers::mariadb::{self, Mariadb};
use secretlint_tests::servers::postgres::{PASSWORD, Postgres, SUPERUSER};
use serde_json::json;

use crate::scene::Scene;

/// PostgreSQL behind a fresh database engine, with a login to rotate and a role for logins on loan.
struct Database {
    postgres: Postgres,
    engine: String,
    login: String,
}

impl Database {
    fn start(scene: &Scene) -> Option<Self> {
        let postgres = Postgres::start()?;
        let engine = scene.bao.fresh_engine("database");
        let login = fresh_name("orders").replace('-', "_");
        postgres.administer(&format!("CREATE ROLE {login} LOGIN PASSWORD 'at first'"));
        scene.bao.write(
            &format!("{engine}/config/orders"),
            &json!({
                "plugin_name": "postgresql-database-plugin", "allowed_roles": "*",
                "connection_url": postgres.connection_template(), "username": SUPERUSER, "password": PASSWORD,
            }),
        );
        scene.bao.write(&format!("{engine}/roles/readonly"), &json!({
            "db_name": "orders", "default_ttl": "1h", "max_ttl": "2h",
            "creation_statements": ["CREATE ROLE \"{{name}}\" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'"],
        }));
        Some(Self { postgres, engine, login })
    }

    fn password(&self, scene: &Scene) -> String {
        let credentials = scene.bao.read(&format!("{}/static-creds/orders", self.engine));
        credentials["data"]["password"].as_str().expect("a password").to_owned()
    }

    fn opens(&self, password: &str) -> bool {
        self.postgres.query(&self.login, password, "SELECT 1").is_ok()
    }

    fn rotation(&self, schedule: &str, rest: &str) -> String {
        format!(
            r#"
            resource "secret_rotation" "orders" {{
              secret_id = "{}/static-creds/orders"
              schedule  = "{schedule}"
              database  = {{ connection = "orders", username = "{}" }}
              {rest}
            }}
            "#,
            self.engine, self.login
        )
    }
}

on_each_terraform! {
    /// The server takes the login over, changes it when asked, and a granted role reads the new password and logs in with it.
    fn a_static_role_really_changes_the_login(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let Some(database) = Database::start(&scene) else { return };
        let role = scene.approle(&["default"]);
        let grant = format!(r#"
            resource "secret_grant" "orders" {{
              secret_id = secret_rotation.orders.secret_id
              principal = "{}"
              access    = ["read"]
            }}
        "#, role.principal);
        scene.configure(terraform, &format!("{}{grant}", database.rotation("24h", "trigger = \"first\"")));
        terraform.apply().succeeds();
        terraform.has_no_changes();
        assert!(!database.opens("at first"), "the server has taken the login over");
        let first = database.password(&scene);
        assert!(database.opens(&first));
        assert_eq!(scene.bao.read(&format!("{}/static-roles/orders", database.engine))["data"]["rotation_period"], 86_400);

        scene.configure(terraform, &format!("{}{grant}", database.rotation("12h", "trigger = \"second\"")));
        terraform.apply().succeeds();
        terraform.has_no_changes();
        let path = format!("{}/static-creds/orders", database.engine);
        let read = scene.as_somebody(&role.login(scene.bao), &["read", "-field=password", &path]).succeeds();
        let second = read.stdout.trim();
        assert_ne!(first, second);
        assert!(database.opens(second) && !database.opens(&first));
        assert_eq!(scene.bao.read(&format!("{}/static-roles/orders", database.engine))["data"]["rotation_period"], 43_200);

        // Without a trigger: one that is new to a rotation asks for one.
        scene.configure(terraform, &format!("{}{grant}", database.rotation("12h", "")));
        terraform.run(&["state", "rm", "secret_rotation.orders"]).succeeds();
        terraform.run(&["import", "-no-color", "secret_rotation.orders", &path]).succeeds();
        assert!(database.opens(second), "an import changes nothing");
        terraform.apply().succeeds();
        assert!(database.opens(second), "nor does the apply after it");
        terraform.destroy().succeeds();
        assert_eq!(scene.bao.request("GET", &format!("{}/static-roles/orders", database.engine), None).status, 404);
    }

    /// As with PostgreSQL, so with MySQL's protocol. A schedule that this server's engine does not have is refused at `schedule`.
    fn a_login_of_mariadb_is_rotated_too(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let Some(mariadb) = Mariadb::start() else { return };
        let engine = scene.bao.fresh_engine("database");
        mariadb.administer("CREATE USER 'orders'@'%' IDENTIFIED BY 'at first'");
        scene.bao.write(
            &format!("{engine}/config/orders"),
            &json!({
                "plugin_name": "mysql-database-plugin", "allowed_roles": "*", "connection_url": mariadb.connection_template(),
                "username": mariadb::ADMINISTRATOR, "password": mariadb::PASSWORD,
            }),
        );
        let rotation = |schedule: &str, trigger: &str| format!(
            r#"
            resource "secret_rotation" "orders" {{
              secret_id = "{engine}/static-creds/orders"
              schedule  = "{schedule}"
              trigger   = "{trigger}"
              database  = {{ connection = "orders", username = "orders" }}
            }}
            "#
        );
        let opens = |password: &str| mariadb.query("orders", password, "SELECT 1").is_ok();
        scene.configure(terraform, &rotation("0 3 * * 1", "first"));
        terraform.apply().exits_with(1).says("has no `rotation_schedule`; write a period").says(r#": schedule = "0 3 * * 1""#);
        assert!(opens("at first"), "nothing was touched");
        let mut password = "at first".to_owned();
        for trigger in ["first", "second"] {
            scene.configure(terraform, &rotation("24h", trigger));
            terraform.apply().succeeds();
            terraform.has_no_changes();
            let read = scene.bao.read(&format!("{engine}/static-creds/orders"))["data"]["password"].clone();
            let next = read.as_str().expect("a password").to_owned();
            assert!(opens(&next) && !opens(&password), "{trigger}");
            password = next;
        }
        terraform.destroy().succeeds();
    }

    /// The engine overwrites the password: a grace for the previous one is refused at plan, with the reason.
    fn a_grace_that_the_engine_cannot_give_is_refused(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let Some(database) = Database::start(&scene) else { return };
        scene.configure(terraform, &database.rotation("24h", "keep_previous_for = \"1h\""));
        terraform.plan().exits_with(1).says("keep_previous_for");
        assert!(database.opens("at first"), "nothing was touched");
        scene.configure(terraform, &database.rotation("24h", "").replace("\"orders\", username", "\"ordres\", username"));
        terraform.apply().exits_with(1).says("orders");
        scene.configure(terraform, &database.rotation("24h", "").replace(&database.login, "nobody"));
        terraform.apply().exits_with(1).says("nobody");
        scene.configure(terraform, &database.rotation("2s", ""));
        terraform.plan().exits_with(1).says("schedule");
    }

    /// A login on loan opens the database from a provisioner while Terraform runs, and no longer; it is in no state.
    fn a_leased_login_works_during_the_run_and_is_gone_after_it(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let Some(database) = Database::start(&scene) else { return };
        let script = "psql -h 127.0.0.1 -p $PGPORT -d postgres -Atc 'SELECT current_user' > who && printf %s \"$PGPASSWORD\" | wc -c > length";
        scene.configure(terraform, &format!(r#"
            resource "terraform_data" "after" {{}}
            ephemeral "secret_lease" "readonly" {{
              path  = "{}/creds/readonly"
              after = terraform_data.after.id
            }}
            resource "terraform_data" "migration" {{
              provisioner "local-exec" {{
                command     = {script:?}
                environment = {{
                  PGPORT     = "{}"
                  PGUSER     = ephemeral.secret_lease.readonly.username
                  PGPASSWORD = ephemeral.secret_lease.readonly.password
                }}
              }}
            }}
        "#, database.engine, database.postgres.port()));
        terraform.apply().succeeds();
        let who = std::fs::read_to_string(terraform.folder().join("who")).expect("the provisioner logged in");
        assert!(who.starts_with("v-"), "{who}");
        let left = database.postgres.administer("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'v-%'");
        assert_eq!(left.trim(), "0", "the lease was given back");
        let leases = scene.bao.request("LIST", &format!("sys/leases/lookup/{}/creds/readonly", database.engine), None);
        assert_eq!(leases.status, 404, "{:?}", leases.json);
        let state = std::fs::read_to_string(terraform.folder().join("terraform.tfstate")).expect("a state");
        assert!(!state.contains(who.trim()), "the login is in no state");
    }
}
