//! Built-in functions that OPA has, policies use and regorus lacks. One file per family; each is a function of its arguments alone.
//!
//! What is left out on purpose: whatever opens a connection (`http.send`, `net.lookup_ip_addr`), needs a key (`io.jwt.encode_sign`) or shows
//! the machine (`opa.runtime` answers `{}`, so `opa.runtime().env.TOKEN` is undefined: a policy pack is somebody else's code, and an
//! environment in CI holds credentials).

mod config;
mod crypto;
mod deprecated;
mod globs;
mod net;
mod template;

use regorus::{Engine, Value};

pub(super) use config::yaml;

use super::rewrite::TEMPLATE_FUNCTION;

/// What an error of a built-in function does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BuiltinErrors {
    /// It ends the evaluation: how the linter's own rules run.
    Stop,
    /// The call is undefined: OPA's default, which policies for conftest count on.
    Undefined,
}

/// Which version of Rego a pack is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum RegoVersion {
    /// Before OPA 1.0: `deny[msg] { … }`.
    V0,
    /// `deny contains msg if { … }`.
    #[default]
    V1,
}

/// Why a call has no result.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    /// An argument has another type.
    #[error("`{function}`: argument {position} must be {expected}")]
    Type {
        /// The function.
        function: &'static str,
        /// From 1.
        position: usize,
        /// What it must be.
        expected: &'static str,
    },
    /// An argument has the right type and cannot be read.
    #[error("{0}")]
    Value(String),
}

/// Its name, the number of its arguments, and what it does.
struct Builtin {
    name: &'static str,
    arguments: u8,
    call: fn(&Arguments<'_>) -> Result<Value, CallError>,
}

/// Arguments of a call, read by their place.
struct Arguments<'call> {
    function: &'static str,
    values: &'call [Value],
}

impl Arguments<'_> {
    fn value(&self, position: usize) -> &Value {
        self.values.get(position).unwrap_or(&Value::Undefined)
    }

    fn text(&self, position: usize) -> Result<&str, CallError> {
        match self.value(position) {
            Value::String(text) => Ok(text),
            _ => Err(self.wrong(position, "a string")),
        }
    }

    fn wrong(&self, position: usize, expected: &'static str) -> CallError {
        CallError::Type { function: self.function, position: position + 1, expected }
    }
}

const BUILTINS: &[Builtin] = &[
    Builtin { name: "crypto.hmac.equal", arguments: 2, call: crypto::hmac_equal },
    Builtin { name: "crypto.hmac.md5", arguments: 2, call: crypto::hmac_md5 },
    Builtin { name: "crypto.hmac.sha1", arguments: 2, call: crypto::hmac_sha1 },
    Builtin { name: "crypto.hmac.sha256", arguments: 2, call: crypto::hmac_sha256 },
    Builtin { name: "crypto.hmac.sha512", arguments: 2, call: crypto::hmac_sha512 },
    Builtin { name: "crypto.md5", arguments: 1, call: crypto::md5 },
    Builtin { name: "crypto.sha1", arguments: 1, call: crypto::sha1 },
    Builtin { name: "crypto.sha256", arguments: 1, call: crypto::sha256 },
    Builtin { name: "net.cidr_contains_matches", arguments: 2, call: net::contains_matches },
    Builtin { name: "net.cidr_intersects", arguments: 2, call: net::intersects },
    Builtin { name: "net.cidr_merge", arguments: 1, call: net::merge },
    Builtin { name: "opa.runtime", arguments: 0, call: |_| Ok(Value::new_object()) },
    Builtin { name: "regex.globs_match", arguments: 2, call: globs::globs_match },
    Builtin { name: "strings.render_template", arguments: 2, call: template::render_template },
    Builtin { name: TEMPLATE_FUNCTION, arguments: 1, call: template::template_string },
];

/// OPA has them in policies of version 0 only.
const DEPRECATED: &[Builtin] = &[
    Builtin { name: "all", arguments: 1, call: deprecated::all },
    Builtin { name: "any", arguments: 1, call: deprecated::any },
    Builtin { name: "net.cidr_overlap", arguments: 2, call: net::overlap },
    Builtin { name: "re_match", arguments: 2, call: deprecated::re_match },
    Builtin { name: "set_diff", arguments: 2, call: deprecated::set_diff },
];

/// What conftest adds to OPA. `rewrite` gives the last two the folder of the policy as one more argument.
const CONFTEST: &[Builtin] = &[
    Builtin { name: "parse_config", arguments: 2, call: config::parse_config },
    Builtin { name: "parse_config_file", arguments: 2, call: config::parse_config_file },
    Builtin { name: "parse_combined_config_files", arguments: 2, call: config::parse_combined_config_files },
];

/// Functions that read a file beside the policy, which therefore must know where that is.
pub(super) const WITH_FOLDER: [&str; 2] = ["parse_config_file", "parse_combined_config_files"];

fn all(version: RegoVersion) -> impl Iterator<Item = &'static Builtin> {
    BUILTINS.iter().chain(DEPRECATED.iter().filter(move |_| version == RegoVersion::V0))
}

/// The names of the functions that [`register`] adds.
pub(super) fn names(version: RegoVersion) -> impl Iterator<Item = &'static str> {
    all(version).map(|builtin| builtin.name)
}

/// Adds the functions to an engine and decides what an error of any function does.
pub(super) fn register(engine: &mut Engine, version: RegoVersion, errors: BuiltinErrors) {
    engine.set_strict_builtin_errors(errors == BuiltinErrors::Stop);
    add(engine, all(version), errors);
}

/// Adds the functions that conftest has. What they cannot read ends the evaluation: a configuration that is not there is no configuration
/// without faults.
pub(super) fn register_conftest(engine: &mut Engine) {
    add(engine, CONFTEST.iter(), BuiltinErrors::Stop);
}

/// The names of the functions that [`register_conftest`] adds.
pub(super) fn names_of_conftest() -> impl Iterator<Item = &'static str> {
    CONFTEST.iter().map(|builtin| builtin.name)
}

fn add(engine: &mut Engine, builtins: impl Iterator<Item = &'static Builtin>, errors: BuiltinErrors) {
    for builtin in builtins {
        let call = move |values: Vec<Value>| match (builtin.call)(&Arguments {
            function: builtin.name,
            values: &values,
        }) {
            Err(_) if errors == BuiltinErrors::Undefined => Ok(Value::Undefined),
            result => result.map_err(Into::into),
        };
        // Only a second function of the same name is refused, and an engine gets each name once.
        let _added = engine.add_extension(builtin.name.to_owned(), builtin.arguments, Box::new(call));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every result is what OPA 1.20 answers.
    #[track_caller]
    fn check(expression: &str, expected: &str) {
        let mut engine = Engine::new();
        register(&mut engine, RegoVersion::V0, BuiltinErrors::Stop);
        engine.add_policy("p.rego".into(), format!("package p\nx := {expression}\n")).unwrap();
        let value = engine.eval_rule("data.p.x".into()).unwrap();
        // A set is an array in JSON.
        let value = Value::from_json_str(&value.to_json_str().unwrap()).unwrap();
        assert_eq!(value, Value::from_json_str(expected).unwrap(), "{expression}");
    }

    #[track_caller]
    fn check_error(expression: &str, expected: &str) {
        let mut strict = Engine::new();
        register(&mut strict, RegoVersion::V1, BuiltinErrors::Stop);
        strict.add_policy("p.rego".into(), format!("package p\nx := {expression}\n")).unwrap();
        let error = format!("{:#}", strict.eval_rule("data.p.x".into()).unwrap_err());
        assert!(error.contains(expected), "{error}");
        let mut lenient = Engine::new();
        register(&mut lenient, RegoVersion::V1, BuiltinErrors::Undefined);
        lenient.add_policy("p.rego".into(), format!("package p\nx := {expression}\n")).unwrap();
        assert_eq!(lenient.eval_rule("data.p.x".into()).unwrap(), Value::Undefined);
    }

    #[test]
    fn digests_are_hexadecimal() {
        check(r#"crypto.md5("a")"#, r#""0cc175b9c0f1b6a831c399e269772661""#);
        check(r#"crypto.sha1("a")"#, r#""86f7e437faa5a7fce15d1ddcb9eaeaea377667b8""#);
        check(
            r#"crypto.sha256("a")"#,
            r#""ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb""#,
        );
        check(r#"crypto.hmac.md5("a", "k")"#, r#""ddcf3d210049e7135f61affae73731cd""#);
        check(r#"crypto.hmac.sha1("a", "k")"#, r#""40e7d441cadb17b07f050341aa23a6820ed81c8b""#);
        check(
            r#"crypto.hmac.sha256("a", "k")"#,
            r#""78da91511e675587f5b9df78bedebaf5560da2abb88162ee875dcdf744951d9e""#,
        );
        check(r#"crypto.hmac.equal("a", "a")"#, "true");
        check(r#"crypto.hmac.equal("a", "b")"#, "false");
    }

    #[test]
    fn networks_are_compared() {
        check(r#"net.cidr_merge(["192.0.128.0/24", "192.0.129.0/24"])"#, r#"["192.0.128.0/23"]"#);
        check(r#"net.cidr_merge({"10.0.0.0/8", "10.1.0.0/16"})"#, r#"["10.0.0.0/8"]"#);
        check(r#"net.cidr_intersects("10.0.0.0/8", "10.1.0.0/16")"#, "true");
        check(r#"net.cidr_intersects("10.0.0.0/8", "11.0.0.0/8")"#, "false");
        check(r#"net.cidr_contains_matches("1.1.1.0/24", "1.1.1.128")"#, r#"[["1.1.1.0/24", "1.1.1.128"]]"#);
        check(
            r#"net.cidr_contains_matches({"a": "10.0.0.0/8"}, ["10.1.0.0/16", ["11.0.0.0/8", 1]])"#,
            r#"[["a", 0]]"#,
        );
        check_error(r#"net.cidr_intersects("x", "10.0.0.0/8")"#, "`x` is no network");
    }

    #[test]
    fn globs_meet_or_do_not() {
        check(r#"regex.globs_match("a.a.[0-9]+z", "b.b.*")"#, "false");
        check(r#"regex.globs_match("a.*", ".*b")"#, "true");
        check(r#"regex.globs_match("[a-c]+", "[d-f]*")"#, "false");
        check(r#"regex.globs_match("[a-c]*", "[d-f]*")"#, "true");
        check(r#"regex.globs_match("a\\.b", "a.b")"#, "true");
    }

    #[test]
    fn what_is_deprecated_works_in_version_0() {
        check("any([false, true])", "true");
        check("all({true, false})", "false");
        check(r#"re_match("^a+$", "aaa")"#, "true");
        check("set_diff({1, 2}, {2}) == {1}", "true");
    }

    #[test]
    fn the_environment_is_not_shown() {
        check("opa.runtime()", "{}");
    }

    #[test]
    fn templates_render_as_in_go() {
        check(
            r#"strings.render_template("hi {{.a}} {{range $i, $e := .b}}{{$e}},{{end}}{{if .a}}y{{else}}n{{end}}", {"a": "A", "b": [1, 2]})"#,
            r#""hi A 1,2,y""#,
        );
        check(
            r#"strings.render_template("{{ range .x -}} [{{.}}]{{ end }}", {"x": ["p", "q"]})"#,
            r#""[p][q]""#,
        );
        check(
            r#"strings.render_template("{{.a.b}} {{len .l}}", {"a": {"b": true}, "l": [1]})"#,
            r#""true 1""#,
        );
        check_error(r#"strings.render_template("{{.missing}}", {})"#, "missing");
        check_error(r#"strings.render_template("{{", {})"#, "does not end");
    }

    #[test]
    fn an_argument_of_another_type_is_an_error() {
        check_error("crypto.md5(1)", "`crypto.md5`: argument 1 must be a string");
        check_error("net.cidr_merge(1)", "`net.cidr_merge`: argument 1 must be an array or a set of strings");
    }

    #[test]
    fn no_function_of_ours_hides_one_of_the_engine_s() {
        for name in names(RegoVersion::V0) {
            assert!(!regorus::unstable::BUILTINS.contains_key(name), "{name}");
        }
    }
}
