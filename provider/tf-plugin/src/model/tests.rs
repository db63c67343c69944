//! Models through the tree and back, and the messages when they do not fit.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{ModelErrorKind, from_dynamic, to_dynamic};
use crate::{Dynamic, Exposed, NotText, Number, Value, WireSecret, WireSink, WriteOnly};

#[derive(Deserialize, Clone, PartialEq)]
struct Password(String);

impl WireSecret for Password {
    fn send_to(&self, sink: &mut WireSink) -> Result<(), NotText> {
        sink.send(&self.0);
        Ok(())
    }
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Password,
    Hex,
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Inner {
    port: Value<u16>,
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Model {
    text: Value<String>,
    plain: String,
    maybe: Option<i64>,
    ratio: Value<f64>,
    exact: Value<Number>,
    kind: Value<Kind>,
    tags: Value<BTreeMap<String, Value<String>>>,
    zones: Value<BTreeSet<String>>,
    inner: Value<Inner>,
    rules: Vec<Inner>,
    any: Dynamic,
    maybe_any: Value<Dynamic>,
    secret: WriteOnly<String>,
}

fn model() -> Model {
    Model {
        text: Value::Unknown,
        plain: "p".to_owned(),
        maybe: None,
        ratio: Value::Known(0.1),
        exact: Value::Known(Number::parse("0.10000000000000000000001").unwrap()),
        kind: Value::Known(Kind::Hex),
        tags: Value::Known(BTreeMap::from([("k".to_owned(), Value::Null), ("u".to_owned(), Value::Unknown)])),
        zones: Value::Null,
        inner: Value::Known(Inner { port: Value::Known(443) }),
        rules: vec![Inner { port: Value::Unknown }],
        any: Dynamic::Set(vec![Dynamic::Unknown]),
        maybe_any: Value::Unknown,
        secret: WriteOnly::default(),
    }
}

#[test]
fn a_model_survives_the_tree_with_null_and_unknown_apart() {
    let tree = to_dynamic(&model()).unwrap();
    assert_eq!(tree.get("text"), Some(&Dynamic::Unknown));
    assert_eq!(tree.get("maybe"), Some(&Dynamic::Null));
    assert_eq!(tree.get("kind"), Some(&Dynamic::from("hex")));
    assert_eq!(tree.get("ratio"), Some(&Dynamic::Number(Number::parse("0.1").unwrap())));
    assert_eq!(tree.get("any"), Some(&Dynamic::Set(vec![Dynamic::Unknown])));
    let read: Model = from_dynamic(tree).unwrap();
    assert_eq!(read, model());
}

fn with(name: &str, value: Dynamic) -> Dynamic {
    let mut tree = to_dynamic(&model()).unwrap();
    *tree.get_mut(name).unwrap() = value;
    tree
}

fn fails(tree: Dynamic, kind: ModelErrorKind, path: &str) {
    let error = from_dynamic::<Model>(tree).unwrap_err();
    assert_eq!((error.kind, error.path().to_string().as_str()), (kind, path), "{error}");
    assert!(!error.to_string().contains("SENTINEL"), "{error}");
}

#[test]
fn what_does_not_fit_is_named_by_kind_and_path_and_not_by_content() {
    fails(with("plain", Dynamic::Unknown), ModelErrorKind::Unknown, "plain");
    fails(with("maybe", Dynamic::Unknown), ModelErrorKind::Unknown, "maybe");
    fails(with("plain", Dynamic::Null), ModelErrorKind::Null, "plain");
    fails(with("maybe", "SENTINEL".into()), ModelErrorKind::Type, "maybe");
    fails(with("kind", "SENTINEL".into()), ModelErrorKind::Content, "kind");
    fails(with("exact", "SENTINEL".into()), ModelErrorKind::Type, "exact");
    let rules = Dynamic::List(vec![Dynamic::object([("port", Dynamic::from(70_000_i64))])]);
    fails(with("rules", rules), ModelErrorKind::Content, "rules[0].port");
    let tags = Dynamic::Map(BTreeMap::from([("k".to_owned(), Dynamic::Bool(true))]));
    fails(with("tags", tags), ModelErrorKind::Type, "tags[\"k\"]");
    fails(Dynamic::object([("plain", Dynamic::from("p"))]), ModelErrorKind::Missing, "(the whole object)");
}

#[test]
fn a_write_only_field_reads_and_never_writes() {
    let read: Model = from_dynamic(with("secret", "SENTINEL".into())).unwrap();
    assert_eq!(read.secret.known().map(String::as_str), Some("SENTINEL"));
    assert_eq!(to_dynamic(&read).unwrap().get("secret"), Some(&Dynamic::Null));
    assert!(!format!("{read:?}").contains("SENTINEL"));
}

#[test]
fn an_exposed_secret_reaches_the_tree_without_implementing_serialize() {
    #[derive(Serialize, Deserialize)]
    struct Opened {
        token: Exposed<Password>,
        more: Vec<Exposed<Password>>,
        not_yet: Exposed<Password>,
    }
    let opened = Opened {
        token: Exposed::new(Password("one".to_owned())),
        more: vec![Exposed::new(Password("two".to_owned())), Exposed::default()],
        not_yet: Exposed::from(Value::Unknown),
    };
    let tree = to_dynamic(&opened).unwrap();
    let more = Dynamic::List(vec!["two".into(), Dynamic::Null]);
    assert_eq!(tree.get("token"), Some(&Dynamic::from("one")));
    assert_eq!(tree.get("more"), Some(&more));
    assert_eq!(tree.get("not_yet"), Some(&Dynamic::Unknown));
}
