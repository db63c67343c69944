//! The server as oracle: on random policies and paths it and this module must say the same.

use proptest::prelude::*;
use secretlint_tests::servers::openbao::OpenBao;
use serde_json::json;

use super::*;

/// Few letters and many wildcards, so that rules meet.
fn pattern() -> impl Strategy<Value = String> {
    let part = prop_oneof![3 => "[ab]{1,2}", 2 => Just("+".to_owned()), 1 => Just("+a".to_owned())];
    let parts = prop::collection::vec(part, 1..4).prop_map(|parts| parts.join("/"));
    let end = prop_oneof![3 => Just(""), 2 => Just("*"), 2 => Just("/*")];
    // The server refuses `+*`.
    let whole = (parts, end).prop_map(|(parts, end)| format!("{parts}{end}"));
    whole.prop_filter("`+*` is no pattern", |pattern| !pattern.contains("+*"))
}

fn rule() -> impl Strategy<Value = String> {
    let capabilities =
        prop::sample::subsequence(vec!["create", "read", "update", "patch", "delete", "sudo"], 0..4);
    let capabilities =
        prop_oneof![6 => capabilities, 1 => Just(vec!["deny"]), 1 => Just(vec!["deny", "read"])];
    let end = prop::sample::select(vec!["\n", " "]);
    (pattern(), capabilities, end).prop_map(|(pattern, capabilities, end)| {
        format!("path \"{pattern}\" {{ capabilities = {} }}{end}", json!(capabilities))
    })
}

fn policies() -> impl Strategy<Value = Vec<String>> {
    let policy = prop::collection::vec(rule(), 1..5).prop_map(|rules| rules.concat());
    prop::collection::vec(policy, 1..4)
}

fn paths() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[ab]{1,2}(/[ab+]{1,2}){0,3}", 8)
}

#[test]
fn random_policies_mean_what_the_server_says() {
    let Some(bao) = OpenBao::shared() else { return };
    let config = ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(texts in policies(), paths in paths())| {
        let names: Vec<_> = texts.iter().map(|text| bao.fresh_policy(text)).collect();
        let body = json!({"policies": names, "no_default_policy": true, "ttl": "10m"});
        let token = bao.write("auth/token/create", &body)["auth"]["client_token"].clone();
        let answer = bao.write("sys/capabilities", &json!({"token": token, "paths": paths}));
        let policies: Vec<_> =
            names.iter().zip(&texts).map(|(name, text)| Policy::parse(name, text).unwrap()).collect();
        for path in &paths {
            let said: BTreeSet<String> = serde_json::from_value(answer["data"][path].clone()).unwrap();
            let mut judged: BTreeSet<String> =
                decide(&policies, path, Timestamp::now()).allowed.into_values().flatten().collect();
            if judged.is_empty() {
                judged.insert(DENY.to_owned());
            }
            prop_assert_eq!(judged, said, "{} in {:?}", path, texts);
        }
    });
}
