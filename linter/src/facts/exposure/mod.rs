//! Finds secret values where they must not be. Four ways to know one: the provider or a sensitive variable marks it, a table knows the
//! attribute (plans of old versions carry no marks), its name says so, its own text gives it away.
//!
//! One place gives one kind of fact where the kind is special ([`places`]: `environment`, `user_data`, `tag` …); elsewhere a value gives
//! `in_state` because it is kept there, and `literal` besides where it is written in the configuration, since the two have different cures.
//! Nothing of a value is kept: not a part, not its length, not its hash.

pub(crate) mod detectors;
mod documents;
pub(crate) mod encodings;
mod entropy;
pub(crate) mod names;
mod places;
mod scripts;
pub(crate) mod sensitive;
#[cfg(test)]
mod tests;

pub(crate) use scripts::assigns_a_secret;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use serde_json::Value;

use super::collected::Collected;
use super::model::{AttributePath, Exposure, PathStep};
use super::registry::{HARMLESS, Known};
use super::subject::{Attribute, Subject, is_marked, is_marked_within, steps};
use crate::plan::{Expression, Plan, Target};

/// Cheap test on the JSON text of a resource: might there be anything at all? Most resources of a big plan answer no and are never parsed.
pub(crate) fn may_hold_a_secret(after: &str, sensitive: Option<&str>) -> bool {
    static WORDS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    // A script counts when there is one: most instances carry `"user_data":null`. Every `Environment` tag would match `environment`, and what
    // is a secret in an environment has a name or a text that is listed here.
    const PATTERNS: [&str; 26] = [
        "passw",
        "passphrase",
        "passcode",
        "pwd",
        "_pass\"",
        "secret",
        "token",
        "credential",
        "key\"",
        "_key",
        "apikey",
        "connection",
        "dsn",
        "data\":\"",
        "data\": \"",
        "script\":\"",
        "script\": \"",
        "userdata",
        "base64\":\"",
        "base64\": \"",
        "_auth",
        "://",
        "\"variables\":{",
        "\"env\":[",
        "\"environment_variables\":{",
        "\"app_settings\":{",
    ];
    if sensitive.is_some_and(|marks| memchr::memmem::find(marks.as_bytes(), b"true").is_some()) {
        return true;
    }
    let words =
        WORDS.get_or_init(|| AhoCorasick::builder().ascii_case_insensitive(true).build(PATTERNS).ok());
    words.as_ref().is_none_or(|words| words.is_match(after)) || detectors::may_detect(after)
}

/// Adds the exposures of one resource.
pub(crate) fn scan(subject: &Subject<'_>, collected: &mut Collected) {
    let mut scan = Scan { subject, found: BTreeSet::new(), exposures: Vec::new() };
    scan.known_attributes();
    scan.marks(&subject.sensitive, &mut Vec::new());
    let mut path = Vec::new();
    scan.value(&subject.after, &mut path, None, &[]);
    let mut constants = Vec::new();
    constant_texts(&subject.expressions, &mut Vec::new(), &mut constants);
    for (mut path, text) in constants {
        scan.configured(text, &mut path);
    }
    for script in ["user_data", "user_data_base64", "custom_data", "metadata_startup_script"] {
        scan.script_with_reference(steps![script]);
    }
    collected.facts.exposures.append(&mut scan.exposures);
}

/// Of the exposures from `start`, which are those of one resource, takes out what another tells of more closely: that a value carries a secret
/// somewhere, where the member that is one was found.
pub(crate) fn tell_once(exposures: &mut Vec<Exposure>, start: usize) {
    let of_resource = exposures.split_off(start.min(exposures.len()));
    let is_told = |exposure: &Exposure| {
        exposure.detector == "secret-reference"
            && of_resource.iter().any(|other| {
                other.kind == exposure.kind
                    && other.path.len() > exposure.path.len()
                    && other.path.starts_with(&exposure.path)
            })
    };
    let told: Vec<bool> = of_resource.iter().map(is_told).collect();
    exposures
        .extend(of_resource.into_iter().zip(told).filter(|(_, told)| !told).map(|(exposure, _)| exposure));
}

/// The target holds a secret: an attribute known or marked as one, a variable marked or named as one.
pub(crate) fn reads_a_secret(plan: &Plan, target: &Target) -> bool {
    match target {
        Target::Change { place, attribute: Some(attribute) } => {
            let Some(change) = plan.changes().get(*place) else { return false };
            sensitive::is_known(&change.resource_type, attribute)
                || plan
                    .after_sensitive(change)
                    .is_ok_and(|marks| is_marked(&marks, &steps![attribute.as_str()]))
        }
        Target::Outside { address, attribute: Some(attribute) } => {
            sensitive::is_known(address.rsplit('.').nth(1).unwrap_or_default(), attribute)
        }
        Target::Variable { name } => {
            names::names_a_secret(name)
                || plan.configuration().root.variables.get(name).is_some_and(|variable| variable.sensitive)
        }
        _ => false,
    }
}

/// Texts that a block's configuration writes out, with their paths.
pub(crate) fn constant_texts<'a>(
    expressions: &'a Value,
    path: &mut AttributePath,
    found: &mut Vec<(AttributePath, &'a str)>,
) {
    match expressions {
        Value::String(text) => found.push((path.clone(), text)),
        Value::Object(members) => {
            if let Some(constant) = members.get("constant_value") {
                return constant_texts(constant, path, found);
            }
            for (name, value) in members.iter().filter(|(name, _)| *name != "references") {
                path.push(PathStep::from(name.as_str()));
                constant_texts(value, path, found);
                path.pop();
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                path.push(PathStep::Index(index));
                constant_texts(value, path, found);
                path.pop();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// How a text that is written out gives itself away as a secret, if it does.
pub(crate) fn recognise(text: &str, path: &[PathStep]) -> Option<&'static str> {
    let name = last_name(path);
    match detectors::detect(text).into_iter().next() {
        Some(detector) => Some(detector),
        None if places::is_label(path) => None,
        None => {
            (names::names_a_secret(name) && names::could_be_a_secret(text, name)).then_some("secret-name")
        }
    }
}

/// As [`recognise`], of a provider's argument: what is random there is a credential, unless its name says what else it is.
pub(crate) fn recognise_credential(text: &str, path: &[PathStep]) -> Option<&'static str> {
    let random = || !places::is_label(path) && entropy::is_unexplained(text, last_name(path));
    recognise(text, path).or_else(|| random().then_some("high-entropy"))
}

/// The innermost name of a path.
fn last_name(path: &[PathStep]) -> &str {
    let names = path.iter().rev().find_map(|step| match step {
        PathStep::Name(name) => Some(name.as_str()),
        PathStep::Index(_) => None,
    });
    names.unwrap_or_default()
}

struct Scan<'s, 'p> {
    subject: &'s Subject<'p>,
    /// Paths that have their facts; what is below one of them has too.
    found: BTreeSet<AttributePath>,
    exposures: Vec<Exposure>,
}

impl Scan<'_, '_> {
    /// Attributes that a table knows to hold a secret.
    fn known_attributes(&mut self) {
        for known in sensitive::of_type(self.subject.resource_type()) {
            for path in self.instances_of(known) {
                if known.applies(self.subject)
                    && !sensitive::is_another_form(self.subject.resource_type(), &path)
                {
                    self.report(path, "sensitive-attribute", Vec::new(), known.instead);
                }
            }
        }
    }

    /// Paths of a table's attribute in this resource: `user[*].password` for every user.
    fn instances_of(&self, known: &Known) -> Vec<AttributePath> {
        let mut paths: Vec<AttributePath> = vec![Vec::new()];
        for part in known.path {
            paths = paths
                .into_iter()
                .flat_map(|path| {
                    let count = match self.subject.at(&path) {
                        Attribute::Known(Value::Array(items)) if *part == "*" => items.len(),
                        _ if *part == "*" => 0,
                        _ => 1,
                    };
                    (0..count).map(move |index| {
                        let step = if *part == "*" { PathStep::Index(index) } else { PathStep::from(*part) };
                        [path.clone(), vec![step]].concat()
                    })
                })
                .collect();
        }
        paths
    }

    /// Attributes that the plan marks as sensitive.
    fn marks(&mut self, marks: &Value, path: &mut AttributePath) {
        match marks {
            // The marks of a set stop at the set, and what is known within it is told of already.
            Value::Bool(true) if self.found.iter().any(|found| found.starts_with(path)) => {}
            Value::Bool(true)
                if !path.is_empty()
                    && !sensitive::is_no_secret(self.subject, path)
                    && !sensitive::is_another_form(self.subject.resource_type(), path) =>
            {
                self.report(path.clone(), "sensitive-attribute", Vec::new(), None);
            }
            Value::Object(members) => {
                for (name, marks) in members {
                    path.push(PathStep::from(name.as_str()));
                    self.marks(marks, path);
                    path.pop();
                }
            }
            Value::Array(items) => {
                for (index, marks) in items.iter().enumerate() {
                    path.push(PathStep::Index(index));
                    self.marks(marks, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// Names and texts of known values. `name` is what the value is called where that is not the last step: the `name` beside a `value`.
    fn value(
        &mut self,
        value: &Value,
        path: &mut AttributePath,
        name: Option<&str>,
        encodings: &[&'static str],
    ) {
        if self.found.contains(path) || self.repeats_a_label(path) {
            return;
        }
        match value {
            Value::String(text) => self.text(text, path, name, encodings),
            Value::Object(members) => {
                let called =
                    ["name", "key", "variable_name"].iter().find_map(|name| members.get(*name)?.as_str());
                // CodeBuild: the value is the name of a parameter or secret, not the value of one.
                let elsewhere = matches!(
                    members.get("type").and_then(Value::as_str),
                    Some("PARAMETER_STORE" | "SECRETS_MANAGER")
                );
                let refers = refers_to_an_object(members);
                for (member, value) in members {
                    if elsewhere && member == "value" {
                        continue;
                    }
                    path.push(PathStep::from(member.as_str()));
                    let called = match member.as_str() {
                        "value" => called,
                        "secret" if refers => Some("secret_name"),
                        _ => None,
                    };
                    self.value(value, path, called, encodings);
                    path.pop();
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    path.push(PathStep::Index(index));
                    self.value(value, path, name, encodings);
                    path.pop();
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Providers show labels once more, together with those that the provider block adds.
    fn repeats_a_label(&self, path: &[PathStep]) -> bool {
        const TOGETHER: [(&str, &str); 3] =
            [("tags_all", "tags"), ("terraform_labels", "labels"), ("effective_labels", "labels")];
        let [PathStep::Name(together), PathStep::Name(label)] = path else { return false };
        TOGETHER.iter().filter(|(all, _)| all == together).any(|(all, own)| {
            let value = |attribute: &str| self.subject.after.get(attribute)?.get(label.as_str());
            value(own).is_some() && value(own) == value(all)
        })
    }

    fn text(&mut self, text: &str, path: &mut AttributePath, name: Option<&str>, encodings: &[&'static str]) {
        let name = name.unwrap_or_else(|| last_name(path)).to_owned();
        let label = places::is_label(path);
        let named = !label && names::names_a_secret(&name) && names::could_be_a_secret(text, &name);
        // A detector finds a value anywhere in a document, and only the value's own place tells what it is there for: an environment.
        let document = if label || encodings.len() > 3 { None } else { self.parsed(text, path) };
        if let Some((document, encoding)) = document.as_ref().filter(|_| !named)
            && self.document(document, path, &[encodings, &[*encoding]].concat())
        {
            return;
        }
        if let Some(detector) = detectors::detect(text).first() {
            return self.report(path.clone(), detector, encodings.to_vec(), None);
        }
        if named {
            return self.report(path.clone(), "secret-name", encodings.to_vec(), None);
        }
        if label || encodings.len() > 3 || document.is_some() {
            return;
        }
        let script = places::is_script(self.subject, path);
        let encoded = script || name.contains("base64") || name.contains("b64") || text.len() >= 200;
        if let Some(decoded) = encodings::decode(text).filter(|_| encoded) {
            let encodings = [encodings, &decoded.encodings].concat();
            return self.text(&decoded.text, path, Some(&name), &encodings);
        }
        for part in documents::parts(text) {
            self.part(part, path, &name, encodings);
        }
        if (script || text.contains('\n')) && scripts::assigns_a_secret(text) {
            return self.report(path.clone(), "secret-name", encodings.to_vec(), None);
        }
        if self.is_random(text, path, &name) {
            self.report(path.clone(), "high-entropy", encodings.to_vec(), None);
        }
    }

    /// A part of an archive of scripts.
    fn part(
        &mut self,
        part: documents::Part<'_>,
        path: &mut AttributePath,
        name: &str,
        encodings: &[&'static str],
    ) {
        match encodings::decode(part.text).filter(|_| part.is_base64) {
            Some(decoded) => {
                let encodings = [encodings, &decoded.encodings].concat();
                self.text(&decoded.text, path, Some(name), &encodings);
            }
            None => self.text(part.text, path, Some(name), encodings),
        }
    }

    /// The configuration writes a random text where credentials usually stand, under a name that says nothing.
    fn is_random(&self, text: &str, path: &AttributePath, name: &str) -> bool {
        let random = match places::of(self.subject, path, "high-entropy").map(|place| place.kind) {
            Some("environment" | "ci_variable") => entropy::is_unexplained(text, name),
            Some("user_data") => scripts::assigns_something_random(text),
            _ => false,
        };
        random && self.subject.value_source(&outer(self.subject, path)) == Some("literal")
    }

    /// The document that a text holds; where manifests stand, YAML too.
    fn parsed(&self, text: &str, path: &[PathStep]) -> Option<(Value, &'static str)> {
        match places::row(self.subject, path) {
            Some(row) if row.kind == "manifest" => documents::parse_manifest(text),
            _ if places::is_script(self.subject, path) => documents::parse_script(text),
            _ => documents::parse(text),
        }
    }

    /// Looks into a document that a text holds; true where that found something. `encodings` ends with the document's own.
    fn document(&mut self, document: &Value, path: &mut AttributePath, encodings: &[&'static str]) -> bool {
        // An IAM document names actions and resources, never values.
        if document.get("Statement").is_some() {
            return false;
        }
        let before = self.exposures.len();
        self.value(document, path, None, encodings);
        self.exposures.len() > before
    }

    /// A text that the configuration writes out. Most are in the planned values too; user data is there as a hash in old versions of the
    /// provider, and a write-only argument is not there at all.
    fn configured(&mut self, text: &str, path: &mut AttributePath) {
        match self.subject.at(path) {
            Attribute::Known(Value::String(planned)) if planned == text => {}
            Attribute::Absent => self.write_only_literal(text, path),
            _ => self.text(text, path, None, &[]),
        }
    }

    /// A script whose text is not in the plan (a hash of it is, or nothing) and that is built from a secret.
    fn script_with_reference(&mut self, path: AttributePath) {
        let resolution = self.subject.resolve(&path);
        if resolution.targets.iter().any(|target| reads_a_secret(self.subject.plan, target)) {
            self.report(path, "secret-reference", Vec::new(), None);
        }
    }

    /// A literal given to a write-only argument stays out of the state, and is in the code all the same.
    fn write_only_literal(&mut self, text: &str, path: &AttributePath) {
        let name = last_name(path);
        let Some(plain) = name.strip_suffix("_wo") else { return };
        let known = sensitive::is_known(self.subject.resource_type(), plain);
        if (known || names::names_a_secret(plain)) && names::could_be_a_secret(text, "password") {
            let detector = if known { "sensitive-attribute" } else { "secret-name" };
            self.push("literal", path, detector, &[], None, Some("literal"));
        }
    }

    /// Notes a secret value at `path`, unless nothing is or will be there.
    fn report(
        &mut self,
        path: AttributePath,
        detector: &str,
        encodings: Vec<&'static str>,
        instead: Option<&str>,
    ) {
        let covered =
            (0..=path.len()).any(|length| path.get(..length).is_some_and(|above| self.found.contains(above)));
        let harmless = places::row(self.subject, &path).is_some_and(|row| row.kind == HARMLESS);
        if covered || harmless || !self.is_something(&path, &encodings) {
            return;
        }
        let value_source = self.subject.value_source(&outer(self.subject, &path));
        let instead = instead
            .or_else(|| sensitive::write_only_instead(self.subject.resource_type(), &path))
            .filter(|instead| sensitive::is_offered(self.subject, &path, instead));
        // A literal that comes through a module's argument is reported where it is written, at the module's call.
        let written_here = value_source == Some("literal")
            && !matches!(
                self.subject.expression(&outer(self.subject, &path)),
                Expression::References(_) | Expression::Absent
            );
        match places::of(self.subject, &path, detector) {
            Some(place) => {
                self.push(place.kind, &path, detector, &encodings, instead, value_source);
                if let Some(exposure) = self.exposures.last_mut() {
                    place.note_hidden(self.subject, exposure);
                }
            }
            None => {
                if written_here && self.is_literal(&path, &encodings) {
                    self.push("literal", &path, detector, &encodings, instead, value_source);
                }
                self.push("in_state", &path, detector, &encodings, instead, value_source);
            }
        }
        self.found.insert(path);
    }

    fn push(
        &mut self,
        kind: &'static str,
        path: &AttributePath,
        detector: &str,
        encodings: &[&'static str],
        instead: Option<&str>,
        value_source: Option<&'static str>,
    ) {
        let mut origin = self.subject.origin();
        origin.paths.insert("path".to_owned(), path.clone());
        self.exposures.push(Exposure {
            origin,
            kind,
            path: path.clone(),
            detector: detector.to_owned(),
            encodings: encodings.to_vec(),
            write_only_alternative: instead.map(str::to_owned),
            value_source,
            hidden: None,
        });
    }

    /// A non-empty known value, or one that is decided at apply.
    fn is_something(&self, path: &AttributePath, encodings: &[&'static str]) -> bool {
        if !encodings.is_empty() {
            return true;
        }
        match self.subject.at(path) {
            Attribute::Unknown => !self.stays_empty(path),
            Attribute::Known(value) => holds_text(value) || is_marked_within(&self.subject.unknown, path),
            Attribute::Absent => false,
        }
    }

    /// The configuration leaves the attribute out because the value goes through the write-only argument beside it. Providers plan it
    /// as unknown (`value` of an SSM parameter, `data` of a Kubernetes Secret) and keep nothing there.
    fn stays_empty(&self, path: &AttributePath) -> bool {
        let [PathStep::Name(name), ..] = path.as_slice() else { return false };
        let written =
            |argument: String| self.subject.expression(&steps![argument.as_str()]) != Expression::Absent;
        self.subject.expression(path) == Expression::Absent
            && ["_wo", "_wo_version", "_wo_revision"].iter().any(|suffix| written(format!("{name}{suffix}")))
    }

    /// The literal is a value, not the name of one: a sensitive attribute set to an ARN is kept in state and is no secret in the code.
    fn is_literal(&self, path: &AttributePath, encodings: &[&'static str]) -> bool {
        match self.subject.at(path) {
            Attribute::Known(Value::String(text)) if encodings.is_empty() => {
                names::could_be_a_secret(text, "password")
            }
            _ => true,
        }
    }
}

/// Some text in the value is not empty.
fn holds_text(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.is_empty(),
        Value::Object(members) => members.values().any(holds_text),
        Value::Array(items) => items.iter().any(holds_text),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The part of a path that is in the resource: inside a JSON text the configuration has one expression for the whole text.
fn outer(subject: &Subject<'_>, path: &AttributePath) -> AttributePath {
    let mut outer = Vec::new();
    for step in path {
        if matches!(subject.at(&outer), Attribute::Known(Value::String(_))) {
            break;
        }
        outer.push(step.clone());
    }
    outer
}

/// A Kubernetes Secret and the member of it, as charts name them: `{secret: orders-db, key: password}`. Credentials that are written so are not
/// in small letters alone.
fn refers_to_an_object(members: &serde_json::Map<String, Value>) -> bool {
    let is_name = |member: &str| {
        members.get(member).and_then(Value::as_str).is_some_and(|text| {
            text.starts_with(|first: char| first.is_ascii_lowercase())
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte))
        })
    };
    is_name("secret") && is_name("key")
}
