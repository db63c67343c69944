//! Parsing, matching and priority, case by case. The server is the oracle of a property test beside this.

use super::*;

fn policy(text: &str) -> Policy {
    Policy::parse("test", text).unwrap()
}

/// What rules such as `("a/*", "read list")` allow on a path; `-` for nothing.
fn check(rules: &[(&str, &str)], path: &str, expected: &str) {
    let rules = rules.iter().map(|(path, capabilities)| Rule {
        path: (*path).to_owned(),
        capabilities: capabilities.split(' ').map(str::to_owned).collect(),
        ends: None,
    });
    let policy = Policy { name: "test".to_owned(), rules: rules.collect() };
    let decision = decide([&policy], path, Timestamp::UNIX_EPOCH);
    let allowed: Vec<_> = decision.allowed.into_values().flatten().collect();
    let allowed = if allowed.is_empty() { "-".to_owned() } else { allowed.join(" ") };
    assert_eq!(allowed, expected, "{path}");
}

#[test]
fn an_exact_path_comes_before_every_pattern() {
    let rules = [("a/b", "read"), ("a/*", "list"), ("a/+", "update"), ("*", "sudo")];
    check(&rules, "a/b", "read");
    check(&rules, "a/c", "update");
    check(&rules, "a/b/c", "list");
    check(&rules, "b", "sudo");
    check(&[("a/b", "read")], "a/b2", "-");
    check(&[("a/b", "read")], "a/b/c", "-");
}

#[test]
fn the_longest_prefix_comes_first() {
    let rules = [("a/b*", "read"), ("a/bc*", "list")];
    check(&rules, "a/bcd", "list");
    check(&rules, "a/b", "read");
    check(&rules, "a/c", "-");
}

#[test]
fn a_plus_stands_for_one_segment() {
    check(&[("a/+/c", "read")], "a/b/c", "read");
    check(&[("a/+/c", "read")], "a/b/b/c", "-");
    check(&[("a/+", "read")], "a/b/c", "-");
    check(&[("+", "read")], "a", "read");
    check(&[("+/b*", "read")], "a/bc/d", "read");
    check(&[("a/+b", "read")], "a/xb", "-");
    check(&[("a/+b", "read")], "a/+b", "read");
}

#[test]
fn among_patterns_the_wildcard_furthest_right_wins() {
    check(&[("a/+/b/c", "read"), ("a/x/+/c", "list")], "a/x/b/c", "list");
    check(&[("a/x*", "read"), ("a/+/y", "list")], "a/x/y", "read");
    check(&[("a/+/ba*", "read"), ("a/+/bar", "list")], "a/x/bar", "list");
    check(&[("a/+/+/c", "read"), ("a/+/b/c", "list")], "a/x/b/c", "list");
    check(&[("a/+/b*", "read"), ("a/+/ba*", "list")], "a/x/bar", "list");
}

#[test]
fn deny_takes_everything_of_its_own_path_and_nothing_of_others() {
    check(&[("a/b", "read"), ("a/b", "deny")], "a/b", "-");
    check(&[("a/*", "deny"), ("a/b", "read")], "a/b", "read");
    check(&[("a/*", "read"), ("a/b", "deny")], "a/b", "-");
    check(&[("a/b", "read deny")], "a/b", "-");
}

#[test]
fn the_same_path_in_two_policies_adds_up_by_policy() {
    let one = Policy::parse("one", r#"path "a" { capabilities = ["read"] }"#).unwrap();
    let two = Policy::parse("two", r#"path "/a" { capabilities = ["list"] }"#).unwrap();
    let allowed = decide([&one, &two], "a", Timestamp::UNIX_EPOCH).allowed;
    let set = |capability: &str| BTreeSet::from([capability.to_owned()]);
    assert_eq!(allowed, BTreeMap::from([("one".to_owned(), set("read")), ("two".to_owned(), set("list"))]));
}

#[test]
fn hcl_and_json_say_the_same() {
    let hcl = policy(
        "# a comment\nname = \"x\"\npath \"a/*\" {\n  comment = \"why\"\n  capabilities = [\"read\", \"list\"]\n  \
         allowed_parameters = { \"a\" = [] }\n}\n/* more */\npath \"b\" { policy = \"write\" }\n",
    );
    let json = policy(
        r#"{"path": {"a/*": {"capabilities": ["read", "list"]}, "b": [{"policy": "write"}]}, "name": "x"}"#,
    );
    assert_eq!(hcl, json);
    assert_eq!(hcl.rules[1].capabilities.len(), 5);
    assert_eq!(policy(r#"path = { "a/*" = { capabilities = ["read", "list"] } }"#).rules, hcl.rules[..1]);
}

#[test]
fn settings_and_blocks_may_stand_on_one_line() {
    let rules = policy(
        "path \"a\" {\n  capabilities = [\"read\", \"list\"]\n}\npath \"b\" {\n  policy = \"read\"\n}\n",
    )
    .rules;
    for text in [
        r#"path "a" { capabilities = ["read", "list"] comment = "x = {" } path "b" { policy = "read" }"#,
        r#"path "a" { comment = "\"}", capabilities = ["read", "list"], } path "b" { policy="read" pagination_limit=3 comment="" }"#,
        "path \"a\" { # a } comment\n capabilities = [\"read\", // more\n \"list\"] allowed_parameters = { \"*\" = [] } }\npath \"b\" { /* policy */ policy = \"read\" } # end",
    ] {
        assert_eq!(policy(text).rules, rules, "{text}");
    }
}

#[test]
fn what_the_server_would_not_take_is_not_understood() {
    for text in ["path {", "path \"a\" { capabilities = \"read\" }", "other = 1", "{\"path\": 1}", "{"] {
        assert!(Policy::parse("x", text).is_err(), "{text}");
    }
    assert_eq!(policy("").rules, []);
}

#[test]
fn an_ended_rule_does_not_count() {
    let text = "path \"a\" {\n  capabilities = [\"read\"]\n  expiration = \"2026-01-01T00:00:00Z\"\n}\n";
    let (before, after) = ("2025-12-31T00:00:00Z".parse().unwrap(), "2026-01-02T00:00:00Z".parse().unwrap());
    assert_eq!(decide([&policy(text)], "a", before).allowed.len(), 1);
    assert_eq!(decide([&policy(text)], "a", after).allowed.len(), 0);
}

#[test]
fn a_templated_path_may_be_about_a_secret() {
    let of = |path: &str| policy(&format!("path \"{path}\" {{ capabilities = [\"read\"] }}"));
    for (path, expected) in [
        ("secret/data/{{identity.entity.name}}/db", true),
        ("secret/data/{{identity.entity.name}}/*", true),
        ("secret/data/{{identity.entity.name}}/other", false),
        ("other/data/{{identity.entity.name}}/*", false),
        ("secret/data/app/db", false),
    ] {
        assert_eq!(of(path).may_mention("secret/data/app/db"), expected, "{path}");
    }
}
