//! Addresses: `module.db["eu"].aws_secretsmanager_secret.main[0]` as the modules on the way, and a resource with an instance key.

use std::fmt;

use serde_json::Value;

/// The key of one instance of a `count` or `for_each`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceKey {
    /// Of `count`.
    Number(u64),
    /// Of `for_each`.
    Text(String),
}

impl InstanceKey {
    pub(super) fn from_json(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => number.as_u64().map(Self::Number),
            Value::String(text) => Some(Self::Text(text.clone())),
            _ => None,
        }
    }

    /// Reads what stands between the brackets of an address: a number or a quoted string.
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self::Number).or_else(|| serde_json::from_str(text).ok().map(Self::Text))
    }
}

impl fmt::Display for InstanceKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "[{number}]"),
            Self::Text(text) => write!(formatter, "[{}]", Value::from(text.as_str())),
        }
    }
}

/// One module call on the way from the root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleStep {
    /// Name of the call.
    pub name: String,
    /// Which instance of it, where the call has `count` or `for_each`.
    pub key: Option<InstanceKey>,
}

/// The modules from the root to a resource; empty for the root.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModulePath(pub Vec<ModuleStep>);

impl ModulePath {
    /// Reads a module address such as `module.a["x"].module.b`; the empty text is the root.
    pub fn parse(address: &str) -> Option<Self> {
        let mut steps = Vec::new();
        let mut names = split(address).into_iter();
        while let Some(word) = names.next() {
            if word != "module" {
                return None;
            }
            let (name, key) = split_key(names.next()?);
            steps.push(ModuleStep { name: name.to_owned(), key: key.and_then(InstanceKey::parse) });
        }
        Some(Self(steps))
    }

    /// The module that calls this one, and the call's step; none for the root.
    pub fn parent(&self) -> Option<(Self, &ModuleStep)> {
        let (last, rest) = self.0.split_last()?;
        Some((Self(rest.to_vec()), last))
    }

    /// The module that this one calls by `name`.
    pub fn child(&self, name: &str, key: Option<InstanceKey>) -> Self {
        let mut steps = self.0.clone();
        steps.push(ModuleStep { name: name.to_owned(), key });
        Self(steps)
    }
}

impl fmt::Display for ModulePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            write!(formatter, "{dot}module.{}", step.name)?;
            if let Some(key) = &step.key {
                write!(formatter, "{key}")?;
            }
        }
        Ok(())
    }
}

/// Splits an address or a reference at the dots outside brackets; a key stays with its name: `a.b["x.y"].c` is `a`, `b["x.y"]`, `c`.
pub(super) fn split(address: &str) -> Vec<&str> {
    let bytes = address.as_bytes();
    let mut parts = Vec::with_capacity(4);
    let (mut start, mut at) = (0, 0);
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'.', b'[', rest)) {
        let place = at + found;
        if bytes.get(place) == Some(&b'[') {
            at = end_of_key(bytes, place);
        } else {
            parts.extend(address.get(start..place));
            start = place + 1;
            at = start;
        }
    }
    parts.extend(address.get(start..).filter(|rest| !rest.is_empty()));
    parts
}

/// Offset behind the bracket that closes the one at `start`; the end of the text where none does.
fn end_of_key(bytes: &[u8], start: usize) -> usize {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (offset, byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' => depth += 1,
            b']' if depth <= 1 => return offset + 1,
            b']' => depth -= 1,
            _ => {}
        }
    }
    bytes.len()
}

/// An address without any instance key: all instances of a resource in all instances of its module share it.
#[must_use]
pub fn without_keys(address: &str) -> String {
    if !address.contains('[') {
        return address.to_owned();
    }
    split(address).into_iter().map(|part| split_key(part).0).collect::<Vec<_>>().join(".")
}

/// `name["key"]` as the name and the text between the first brackets.
pub(super) fn split_key(part: &str) -> (&str, Option<&str>) {
    match part.split_once('[') {
        Some((name, rest)) => (name, rest.strip_suffix(']')),
        None => (part, None),
    }
}

/// The key at the end of a part, parsed.
pub(super) fn key_of(part: &str) -> Option<InstanceKey> {
    split_key(part).1.and_then(InstanceKey::parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str) {
        assert_eq!(ModulePath::parse(address).unwrap().to_string(), address);
    }

    #[test]
    fn module_addresses_read_back_as_written() {
        check("");
        check("module.a");
        check(r#"module.a["x.y"].module.b[3]"#);
        check(r#"module.a["quote\"and]bracket"]"#);
    }

    #[test]
    fn dots_in_keys_do_not_split() {
        assert_eq!(split(r#"a.b["x.y"].c"#), ["a", r#"b["x.y"]"#, "c"]);
        assert_eq!(split(r#"a[0].b["x]\".y"].c[d.e[1]].f"#), ["a[0]", r#"b["x]\".y"]"#, "c[d.e[1]]", "f"]);
        assert_eq!(split("a.b[\"open.c"), ["a", "b[\"open.c"]);
        assert_eq!(key_of("b[2]"), Some(InstanceKey::Number(2)));
    }

    #[test]
    fn a_resource_is_not_a_module() {
        assert_eq!(ModulePath::parse("aws_x.y"), None);
    }
}
