//! The report in HTML, as a real browser makes it: what is drawn, that the filter works, that nothing is asked of anybody, that nothing fails.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use secretlint_tests::process::{Finished, Running};
use secretlint_tests::{programs, skip};
use serde_json::{Value, json};

use crate::secretlint;

/// A policy on a secret.
fn policy(name: &str, secret: &str, statements: &Value) -> Value {
    let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let arn = format!("arn:aws:secretsmanager:eu-central-1:123456789012:secret:{secret}-AbC123");
    change("aws_secretsmanager_secret_policy", name, &json!({"secret_arn": arn, "policy": document}))
}

fn change(kind: &str, name: &str, after: &Value) -> Value {
    json!({
        "address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": ["create"], "before": null, "after": after, "after_unknown": {"arn": true}}
    })
}

fn reads(principal: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": "secretsmanager:GetSecretValue", "Resource": "*"})
}

/// Three secrets: one that a role may read, one that anybody and another account may, one that nobody may.
fn plan() -> Value {
    let ours = json!({"AWS": "arn:aws:iam::123456789012:role/orders"});
    let theirs = json!({"AWS": "arn:aws:iam::210987654321:role/partner"});
    let mut changes: Vec<Value> = ["orders", "open", "lonely"]
        .iter()
        .map(|name| change("aws_secretsmanager_secret", name, &json!({"name": name})))
        .collect();
    changes.push(policy("orders", "orders", &json!([reads(&ours)])));
    changes.push(policy("open", "open", &json!([reads(&json!("*")), reads(&theirs)])));
    json!({"format_version": "1.2", "terraform_version": "1.15.5", "resource_changes": changes, "configuration": {"root_module": {}}})
}

/// A scratch folder with the plan and its page.
fn page() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a scratch folder");
    std::fs::write(folder.path().join("plan.json"), plan().to_string()).expect("a file");
    secretlint(folder.path(), &["plan.json", "--quiet", "--output", "html=page.html"]).exits_with(1);
    folder
}

/// What Chromium asks of its maker at every start, whatever it opens; no switch keeps it from all of that.
const OWN_HOSTS: [&str; 3] = ["google.com", "googleapis.com", "gvt1.com"];

type Requests = Arc<Mutex<Vec<String>>>;

/// Listens where Chromium is told that a proxy is, and writes down the first line of what it is asked.
fn writing_proxy() -> (u16, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let requests = Requests::default();
    let written = Arc::clone(&requests);
    // Ends with the test program; each visitor is heard and hung up on.
    std::thread::spawn(move || {
        for visitor in listener.incoming().flatten() {
            let written = Arc::clone(&written);
            std::thread::spawn(move || {
                let mut line = String::new();
                let _ = BufReader::new(visitor).read_line(&mut line);
                written.lock().expect("no test panics here").push(line.trim().to_owned());
            });
        }
    });
    (port, requests)
}

fn is_of_chromium(request: &str) -> bool {
    let target = request.split(' ').nth(1).unwrap_or_default();
    let host = target.trim_start_matches("http://").split(['/', ':']).next().unwrap_or_default();
    // A connection that is opened ahead and never used asks for nothing.
    request.is_empty() || OWN_HOSTS.iter().any(|own| host.ends_with(own))
}

/// What a browser makes of a page.
struct Seen {
    document: String,
    console: Vec<String>,
    requests: Vec<String>,
}

fn open(folder: &Path, page: &str, action: &[&str]) -> Option<(Finished, Vec<String>)> {
    let Some(chromium) = programs::on_path("chromium") else {
        skip::skip("chromium is not installed");
        return None;
    };
    let (port, requests) = writing_proxy();
    let profile = tempfile::tempdir().expect("a scratch folder");
    let mut command = Command::new(chromium);
    command
        .env_clear()
        .env("HOME", profile.path())
        .env("PATH", "/usr/bin:/bin")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--enable-logging=stderr", "--virtual-time-budget=3000", "--window-size=1300,1400"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--proxy-server=http://127.0.0.1:{port}"))
        .args(action)
        .arg(format!("file://{}", folder.join(page).display()));
    let finished = Running::start(command, &profile.path().join("run"), None).wait();
    let requests = requests.lock().expect("no test panics here").clone();
    Some((finished, requests.into_iter().filter(|request| !is_of_chromium(request)).collect()))
}

fn see(folder: &Path, page: &str) -> Option<Seen> {
    let (finished, requests) = open(folder, page, &["--dump-dom"])?;
    let console =
        finished.stderr.lines().filter(|line| line.contains(":CONSOLE")).map(str::to_owned).collect();
    Some(Seen { document: finished.stdout, console, requests })
}

#[test]
fn a_browser_shows_the_map_and_asks_nobody() {
    let folder = page();
    let Some(seen) = see(folder.path(), "page.html") else { return };
    assert_eq!(seen.requests, Vec::<String>::new());
    assert_eq!(seen.console, Vec::<String>::new());
    let count = |text: &str| seen.document.matches(text).count();
    // The legend has one line of each kind too, and a node of two kinds.
    assert_eq!(count(r#"class="node secret""#), 3);
    assert_eq!((count(r#"class="node anybody""#), count(r#"class="node principal""#)), (1, 2));
    assert_eq!(count(r#"<g class="edge">"#), 1 + 1, "an ordinary relation");
    assert_eq!((count(r#"class="edge wildcard""#), count(r#"class="edge cross""#)), (1 + 1, 1 + 1));
    assert_eq!((count(r#"class="symbol wildcard""#), count(r#"class="symbol cross""#)), (1 + 1, 1 + 1));
    assert!(seen.document.contains("This plan grants nobody access to 1 secret."));
    // The script has run: the form is there and says how many are shown.
    assert!(
        !seen.document.contains("<form hidden") && seen.document.contains("14 of 14 shown"),
        "{}",
        seen.document
    );
}

#[test]
fn the_filter_hides_what_is_not_chosen() {
    let folder = page();
    let text = std::fs::read_to_string(folder.path().join("page.html")).expect("the page");
    // The page's own policy would refuse the script that plays the user.
    let (before, rest) = text.split_once("<meta http-equiv").expect("a policy");
    let (_, after) = rest.split_once('>').expect("its end");
    let play = "<script>for (const box of document.querySelectorAll('[name=kind]')) box.checked = box.value === 'critical';\
                document.querySelector('form').dispatchEvent(new Event('input'));</script></body>";
    std::fs::write(folder.path().join("played.html"), format!("{before}{}", after.replace("</body>", play)))
        .expect("a file");
    let Some(seen) = see(folder.path(), "played.html") else { return };
    assert!(seen.document.contains("1 of 14 shown"), "{}", seen.document);
    assert_eq!(seen.document.matches(r#"<article class="critical""#).count(), 1);
    assert!(seen.document.contains(r#"<details class="rule low" open="" hidden="">"#));
}

#[test]
fn these_tests_would_see_a_request_and_an_error() {
    let folder = page();
    let text = std::fs::read_to_string(folder.path().join("page.html")).expect("the page");
    let image = r#"<img src="http://example.invalid/pixel.png"></main>"#;
    std::fs::write(folder.path().join("refused.html"), text.replace("</main>", image)).expect("a file");
    let Some(seen) = see(folder.path(), "refused.html") else { return };
    assert_eq!(seen.requests, Vec::<String>::new(), "the policy of the page refuses it");
    assert!(seen.console.iter().any(|line| line.contains("Content Security Policy")), "{:?}", seen.console);
    let (before, rest) = text.split_once("<meta http-equiv").expect("a policy");
    let (_, after) = rest.split_once('>').expect("its end");
    let open = format!("{before}{}", after.replace("</main>", image));
    std::fs::write(folder.path().join("asking.html"), open).expect("a file");
    let Some(seen) = see(folder.path(), "asking.html") else { return };
    assert!(
        seen.requests.iter().any(|request| request.contains("example.invalid")),
        "without the policy a request goes out, and is seen: {:?}",
        seen.requests
    );
}

#[test]
fn a_browser_draws_it_in_light_and_dark() {
    let folder = page();
    for (name, setting) in [("light.png", "1"), ("dark.png", "0")] {
        let picture = folder.path().join(name);
        let action = [
            format!("--screenshot={}", picture.display()),
            format!("--blink-settings=preferredColorScheme={setting}"),
        ];
        let Some(_) = open(folder.path(), "page.html", &action.each_ref().map(String::as_str)) else {
            return;
        };
        assert!(picture.metadata().expect("a picture").len() > 20_000, "{name} is nearly empty");
    }
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).expect("a picture");
    assert_ne!(bytes("light.png"), bytes("dark.png"));
}
