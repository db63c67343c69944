//! The proxy, in front of another proxy that plays the server, and of OpenBao.

use std::io::{ErrorKind, Read as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::*;
use crate::http::{self, Answer};
use crate::servers::openbao::OpenBao;

/// A server that answers every request with this.
fn server(body: Value) -> Proxy {
    let server = Proxy::to("http://127.0.0.1:1");
    server.add(When::request("").answers(200, body));
    server
}

fn send(proxy: &Proxy, method: &str, path: &str) -> Result<Answer, String> {
    http::request(proxy.address(), None, method, path, &[], None)
}

#[track_caller]
fn status(proxy: &Proxy, method: &str, path: &str) -> u16 {
    send(proxy, method, path).expect("an answer").status
}

fn line(seen: &Seen) -> (&str, &str, Option<&str>, Option<u16>, Option<u16>) {
    (&seen.method, &seen.path, seen.query.as_deref(), seen.answered, seen.told)
}

#[test]
fn without_rules_everything_passes_and_is_recorded() {
    let server = server(json!({"fine": true}));
    let proxy = Proxy::to(server.address());
    assert_eq!(
        send(&proxy, "LIST", "/v1/a?version=3"),
        Ok(Answer { status: 200, json: json!({"fine": true}) })
    );
    assert_eq!(status(&proxy, "PUT", "/v1/b"), 200);
    let requests = proxy.requests();
    let expected = [
        ("LIST", "/v1/a", Some("version=3"), Some(200), Some(200)),
        ("PUT", "/v1/b", None, Some(200), Some(200)),
    ];
    assert_eq!(requests.iter().map(line).collect::<Vec<_>>(), expected);
    assert_eq!((proxy.count("^LIST /v1/a$"), proxy.count("/v1/"), proxy.count("^GET")), (1, 2, 0));
    proxy.forget();
    assert_eq!(proxy.count(""), 0);
}

#[test]
fn so_many_requests_are_throttled() {
    let server = server(json!({}));
    let proxy = Proxy::to(server.address());
    let throttled = json!({"errors": ["request path \"a\": rate limit quota exceeded"]});
    proxy.add(
        When::request("^GET /v1/a").times(2).answers(429, throttled.clone()).with_header("retry-after", "1"),
    );
    assert_eq!(status(&proxy, "GET", "/v1/b"), 200);
    assert_eq!(send(&proxy, "GET", "/v1/a"), Ok(Answer { status: 429, json: throttled }));
    assert_eq!(status(&proxy, "GET", "/v1/a"), 429);
    assert_eq!(status(&proxy, "GET", "/v1/a"), 200);
    assert_eq!(server.count("/v1/a"), 1);
}

#[test]
fn rules_that_decide_wait_for_their_turn() {
    let server = server(json!({}));
    let proxy = Proxy::to(server.address());
    proxy.add(When::request("/a").times(1).answers(473, json!({})));
    proxy.add(When::request("/a").times(1).answers(412, json!({})));
    proxy.add(When::request("/a").after(1).times(1).answers(500, json!({})));
    let seen: Vec<u16> = (0..5).map(|_| status(&proxy, "GET", "/a")).collect();
    assert_eq!(seen, [473, 412, 200, 500, 200]);
}

#[test]
fn a_lost_answer_has_reached_the_server() {
    let server = server(json!({}));
    let proxy = Proxy::to(server.address());
    proxy.add(When::request("^PUT /a").times(1).loses_the_answer());
    assert!(send(&proxy, "PUT", "/a").is_err());
    assert_eq!(server.count("^PUT /a"), 1);
    assert_eq!(line(&proxy.requests()[0]), ("PUT", "/a", None, Some(200), None));
    assert_eq!(status(&proxy, "PUT", "/a"), 200);
}

#[test]
fn a_reset_request_has_not_reached_the_server() {
    let server = server(json!({}));
    let proxy = Proxy::to(server.address());
    proxy.add(When::request("^PUT /a").times(1).resets());
    assert!(send(&proxy, "PUT", "/a").is_err());
    assert_eq!(server.count(""), 0);
    assert_eq!(line(&proxy.requests()[0]), ("PUT", "/a", None, None, None));
}

#[test]
fn a_broken_connection_is_seen_as_a_reset() {
    let server = server(json!({}));
    let proxy = Proxy::to(server.address());
    proxy.add(When::request("/before").resets());
    proxy.add(When::request("/after").loses_the_answer());
    for path in ["before", "after"] {
        let host = proxy.address().trim_start_matches("http://");
        let mut stream = std::net::TcpStream::connect(host).expect("the proxy listens");
        write!(stream, "GET /{path} HTTP/1.1\r\nhost: {host}\r\n\r\n").expect("the proxy reads");
        let error = stream.read(&mut [0; 1]).expect_err("nothing comes, not even an orderly end");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{path}");
    }
}

#[test]
fn a_replaced_answer_has_reached_the_server() {
    let server = server(json!({}));
    let proxy = Proxy::to(server.address());
    proxy.add(When::request("^PUT /a").times(1).passes_then_answers(503, json!({"errors": ["sealed"]})));
    assert_eq!(send(&proxy, "PUT", "/a"), Ok(Answer { status: 503, json: json!({"errors": ["sealed"]}) }));
    assert_eq!(server.count("^PUT /a"), 1);
}

#[test]
fn a_member_is_omitted_at_any_depth() {
    let server = server(json!({"new": 1, "data": [{"new": {"old": 1}, "old": 2}]}));
    let proxy = Proxy::to(server.address());
    proxy.add(When::request("").omits("new"));
    assert_eq!(send(&proxy, "GET", "/").expect("an answer").json, json!({"data": [{"old": 2}]}));
}

#[test]
fn a_delay_comes_before_the_server() {
    let server = server(json!({}));
    let proxy = Proxy::to(server.address());
    proxy.add(When::request("").times(1).delays(Duration::from_millis(50)));
    let start = Instant::now();
    assert_eq!(status(&proxy, "GET", "/"), 200);
    assert!(start.elapsed() >= Duration::from_millis(50));
}

#[test]
fn a_hook_is_called_between_the_answer_and_the_client() {
    let server = Arc::new(server(json!({})));
    let proxy = Proxy::to(server.address());
    let at_the_hook = Arc::new(AtomicUsize::new(0));
    let (noted, asked) = (Arc::clone(&at_the_hook), Arc::clone(&server));
    proxy.add(
        When::request("^PUT").times(1).calls(move || noted.store(asked.count("^PUT"), Ordering::SeqCst)),
    );
    proxy.add(When::request("^PUT").times(1).loses_the_answer());
    assert!(send(&proxy, "PUT", "/a").is_err());
    assert_eq!(at_the_hook.load(Ordering::SeqCst), 1);
}

#[test]
fn after_its_rules_are_removed_a_proxy_behaves() {
    let server = server(json!({}));
    let proxy = Proxy::to(server.address());
    proxy.add(When::request("").resets());
    assert!(send(&proxy, "GET", "/").is_err());
    proxy.behave();
    assert_eq!(status(&proxy, "GET", "/"), 200);
}

#[test]
fn a_server_that_is_away_is_502() {
    let proxy = Proxy::to("http://127.0.0.1:1");
    let answer = send(&proxy, "GET", "/").expect("an answer");
    assert_eq!(answer.status, 502);
    assert!(
        answer.json["errors"][0].as_str().is_some_and(|error| error.contains("127.0.0.1:1")),
        "{}",
        answer.json
    );
}

#[test]
fn a_dropped_proxy_no_longer_listens() {
    let server = server(json!({}));
    let proxy = Proxy::to(server.address());
    let address = proxy.address().to_owned();
    assert_eq!(status(&proxy, "GET", "/"), 200);
    drop(proxy);
    let start = Instant::now();
    while http::request(&address, None, "GET", "/", &[], None).is_ok() {
        assert!(start.elapsed() < LIMIT, "{address} still answers");
    }
}

#[test]
fn the_real_client_writes_through_it_and_a_lost_write_is_there() {
    let Some(bao) = OpenBao::shared() else { return };
    let mount = bao.fresh_kv2_mount();
    let proxy = Proxy::to(bao.address());
    let through = bao.api().at(proxy.address());
    through.write(&format!("{mount}/data/a"), &json!({"data": {"x": "1"}}));
    proxy.add(When::request("^PUT /v1/.*/data/a$").times(1).loses_the_answer());
    let lost = through.try_request("PUT", &format!("{mount}/data/a"), Some(&json!({"data": {"x": "2"}})));
    assert!(lost.is_err());
    let read = through.read(&format!("{mount}/data/a"));
    assert_eq!((&read["data"]["data"]["x"], &read["data"]["metadata"]["version"]), (&json!("2"), &json!(2)));
    let address = format!("-address={}", proxy.address());
    bao.cli(&["kv", "get", &address, "-mount", &mount, "-field=x", "a"], bao.token()).succeeds().says("2");
}
