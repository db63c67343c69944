//! The wire encoding against vectors written by hand from cty's rules, and round trips of any value of any type.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{decode_json, decode_msgpack, encode_msgpack};
use crate::{Dynamic, Number, Type};

/// Decodes to the value, and the value encodes to the same bytes.
fn both_ways(bytes: &[u8], kind: &Type, value: &Dynamic) {
    let decoded = decode_msgpack(bytes, kind).unwrap();
    assert!(decoded == *value, "{bytes:x?} as {kind}");
    assert_eq!(encode_msgpack(value, kind).unwrap(), bytes, "{kind}");
}

fn decodes(bytes: &[u8], kind: &Type, value: &Dynamic) {
    assert!(decode_msgpack(bytes, kind).unwrap() == *value, "{bytes:x?} as {kind}");
}

#[test]
fn primitives() {
    both_ways(&[0xc0], &Type::String, &Dynamic::Null);
    both_ways(&[0xc3], &Type::Bool, &Dynamic::Bool(true));
    both_ways(&[0xa2, b'h', b'i'], &Type::String, &"hi".into());
    both_ways(&[0x07], &Type::Number, &7_i64.into());
    both_ways(&[0xff], &Type::Number, &Dynamic::from(-1_i64));
    both_ways(
        &[0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &Type::Number,
        &Number::from(u64::MAX).into(),
    );
}

#[test]
fn a_number_has_three_encodings() {
    let half = Dynamic::from(Number::parse("0.5").unwrap());
    decodes(&[0xcb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0], &Type::Number, &half);
    decodes(&[0xca, 0x3f, 0, 0, 0], &Type::Number, &half);
    both_ways(&[0xa3, b'0', b'.', b'5'], &Type::Number, &half);
    decodes(&[0xa1, b'7'], &Type::Number, &7_i64.into());
    decodes(&[0xcb, 0x40, 0x1c, 0, 0, 0, 0, 0, 0], &Type::Number, &7_i64.into());
    let infinity = Dynamic::from(Number::try_from(f64::INFINITY).unwrap());
    both_ways(&[0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0], &Type::Number, &infinity);
    // 0.1 as a float is not the number 0.1.
    let tenth =
        decode_msgpack(&[0xcb, 0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a], &Type::Number).unwrap();
    assert!(tenth != Dynamic::from(Number::parse("0.1").unwrap()));
}

#[test]
fn unknowns_refined_or_not_are_unknown_and_leave_plain() {
    both_ways(&[0xd4, 0x00, 0x00], &Type::String, &Dynamic::Unknown);
    both_ways(&[0xd4, 0x00, 0x00], &Type::Dynamic, &Dynamic::Unknown);
    // Extension 12 with {1: false}: not null.
    decodes(&[0xc7, 0x03, 0x0c, 0x81, 0x01, 0xc2], &Type::String, &Dynamic::Unknown);
    // The same inside a list, so that what follows is read from the right place.
    let list = Dynamic::List(vec![Dynamic::Unknown, "a".into()]);
    decodes(&[0x92, 0xc7, 0x03, 0x0c, 0x81, 0x01, 0xc2, 0xa1, b'a'], &Type::list(Type::String), &list);
}

#[test]
fn an_object_has_all_its_attributes_and_a_map_any_keys() {
    let object = Type::object([("a", Type::String), ("b", Type::Bool)]);
    let value = Dynamic::object([("a", Dynamic::from("x")), ("b", Dynamic::Null)]);
    both_ways(&[0x82, 0xa1, b'a', 0xa1, b'x', 0xa1, b'b', 0xc0], &object, &value);
    assert!(decode_msgpack(&[0x81, 0xa1, b'a', 0xa1, b'x'], &object).is_err(), "an attribute is missing");
    assert!(decode_msgpack(&[0x83, 0xa1, b'a', 0xc0, 0xa1, b'b', 0xc0, 0xa1, b'c', 0xc0], &object).is_err());
    assert!(encode_msgpack(&Dynamic::object([("a", Dynamic::Null)]), &object).is_err());
    let map = Dynamic::Map(BTreeMap::from([("k".to_owned(), Dynamic::Bool(false))]));
    both_ways(&[0x81, 0xa1, b'k', 0xc2], &Type::map(Type::Bool), &map);
}

#[test]
fn a_dynamic_value_carries_its_type() {
    let bytes = [&[0x92, 0xc4, 0x08][..], br#""string""#, &[0xa1, b'x']].concat();
    both_ways(&bytes, &Type::Dynamic, &"x".into());
    // An empty list keeps its element type through decoding and encoding.
    let json = br#"["list","string"]"#;
    let bytes = [&[0x92, 0xc4, u8::try_from(json.len()).unwrap()][..], json, &[0x90]].concat();
    let decoded = decode_msgpack(&bytes, &Type::Dynamic).unwrap();
    assert_eq!(encode_msgpack(&decoded, &Type::Dynamic).unwrap(), bytes);
    both_ways(&[0xc0], &Type::Dynamic, &Dynamic::Null);
}

#[test]
fn strings_leave_in_normal_form_c() {
    let decomposed = Dynamic::from("e\u{301}");
    assert_eq!(encode_msgpack(&decomposed, &Type::String).unwrap(), [0xa2, 0xc3, 0xa9]);
}

#[test]
fn damaged_bytes_are_errors_without_content() {
    let string = [0xa8, b'S', b'E', b'N', b'T', b'I', b'N', b'E', b'L'];
    for (bytes, kind) in [
        (&string[..4], Type::String),
        (&string[..], Type::Bool),
        (&string[..], Type::Number),
        (&[0xa1, 0xff][..], Type::String),
        (&[][..], Type::Bool),
        (&[0xc3, 0xc3][..], Type::Bool),
        (&[0xdd, 0xff, 0xff, 0xff, 0xff][..], Type::list(Type::Bool)),
        (&[0xc7, 0xff, 0x0c][..], Type::String),
        (&[0x92, 0xc4, 0x01, b'x', 0xc0][..], Type::Dynamic),
    ] {
        let error = decode_msgpack(bytes, &kind).unwrap_err().to_string();
        assert!(!error.contains("SENTINEL") && !error.is_empty(), "{error}");
    }
}

#[test]
fn deep_nesting_is_refused() {
    let layer = |inner: Vec<u8>| {
        let json = br#""dynamic""#;
        [&[0x92, 0xc4, u8::try_from(json.len()).unwrap()][..], json, &inner].concat()
    };
    let deep = (0..10_000).fold(vec![0xc0], |inner, _| layer(inner));
    assert!(decode_msgpack(&deep, &Type::Dynamic).is_err());
}

#[test]
fn a_state_in_json_is_read_by_its_type() {
    let kind = Type::object([
        ("name", Type::String),
        ("size", Type::Number),
        ("zones", Type::set(Type::String)),
        ("any", Type::Dynamic),
        ("later", Type::Bool),
    ]);
    let json = br#"{"name":"a","size":123456789012345678901234567890.25,"zones":["x"],"gone":{"y":[1]},
        "any":{"value":{"k":1},"type":["object",{"k":"number"}]}}"#;
    let value = decode_json(json, &kind).unwrap();
    let size = value.get("size").and_then(Dynamic::as_number).map(ToString::to_string);
    assert_eq!(size.as_deref(), Some("123456789012345678901234567890.25"));
    assert_eq!(value.get("zones"), Some(&Dynamic::Set(vec!["x".into()])));
    assert_eq!(value.get("later"), Some(&Dynamic::Null));
    assert_eq!(value.get("gone"), None);
    assert_eq!(value.get("any").and_then(|any| any.get("k")), Some(&Dynamic::from(1_i64)));
    for wrong in [&br#"{"name":1}"#[..], b"[]", b"{", br#"{"size":"x"}"#] {
        let error = decode_json(wrong, &kind).unwrap_err().to_string();
        assert!(error.contains("does not fit the schema"), "{error}");
    }
}

fn any_type() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![Just(Type::Bool), Just(Type::Number), Just(Type::String), Just(Type::Dynamic)];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Type::Tuple),
            prop::collection::btree_map("[a-z]{1,3}", inner, 0..4).prop_map(Type::Object),
        ]
    })
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("NaN", |value| Number::try_from(value).ok()),
        any::<f64>().prop_filter_map("NaN", Number::from_exact_f64),
        "-?[0-9]{1,40}(\\.[0-9]{1,40})?".prop_filter_map("a number", |text| Number::parse(&text)),
    ]
}

fn value_of(kind: Type) -> BoxedStrategy<Dynamic> {
    let known: BoxedStrategy<Dynamic> = match kind {
        Type::Bool => any::<bool>().prop_map(Dynamic::Bool).boxed(),
        Type::Number => number().prop_map(Dynamic::Number).boxed(),
        Type::String => "[a-zA-Zàé日 ]{0,8}".prop_map(Dynamic::from).boxed(),
        Type::Dynamic => {
            prop_oneof![any::<bool>().prop_map(Dynamic::Bool), "[a-z]{0,4}".prop_map(Dynamic::from)].boxed()
        }
        Type::List(element) => {
            prop::collection::vec(value_of(*element), 0..4).prop_map(Dynamic::List).boxed()
        }
        Type::Set(element) => prop::collection::vec(value_of(*element), 0..4).prop_map(Dynamic::Set).boxed(),
        Type::Map(element) => {
            prop::collection::btree_map("[a-z]{0,4}", value_of(*element), 0..4).prop_map(Dynamic::Map).boxed()
        }
        Type::Tuple(kinds) => {
            kinds.into_iter().map(value_of).collect::<Vec<_>>().prop_map(Dynamic::Tuple).boxed()
        }
        Type::Object(attributes) => {
            let (names, values): (Vec<_>, Vec<_>) =
                attributes.into_iter().map(|(name, kind)| (name, value_of(kind))).unzip();
            values
                .prop_map(move |values| Dynamic::Object(names.iter().cloned().zip(values).collect()))
                .boxed()
        }
    };
    prop_oneof![8 => known, 1 => Just(Dynamic::Null), 1 => Just(Dynamic::Unknown)].boxed()
}

fn typed_value() -> impl Strategy<Value = (Type, Dynamic)> {
    any_type().prop_flat_map(|kind| (Just(kind.clone()), value_of(kind)))
}

proptest! {
    #[test]
    fn any_value_survives_the_wire((kind, value) in typed_value()) {
        let bytes = encode_msgpack(&value, &kind).unwrap();
        let decoded = decode_msgpack(&bytes, &kind).unwrap();
        prop_assert!(decoded == value);
        // And what was decoded encodes to the very same bytes: Terraform compares.
        prop_assert_eq!(encode_msgpack(&decoded, &kind).unwrap(), bytes);
    }

    #[test]
    fn any_bytes_decode_or_fail_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), kind in any_type()) {
        if let Ok(value) = decode_msgpack(&bytes, &kind) {
            prop_assert!(encode_msgpack(&value, &kind).is_ok());
        }
    }

    #[test]
    fn any_number_survives_the_wire(number in number()) {
        let value = Dynamic::Number(number);
        let bytes = encode_msgpack(&value, &Type::Number).unwrap();
        prop_assert!(decode_msgpack(&bytes, &Type::Number).unwrap() == value);
    }

    #[test]
    fn any_type_survives_json(kind in any_type()) {
        let json = serde_json::to_vec(&kind).unwrap();
        prop_assert_eq!(serde_json::from_slice::<Type>(&json).unwrap(), kind);
    }
}
