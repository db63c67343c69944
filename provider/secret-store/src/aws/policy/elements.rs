//! What a statement says, freed of the several ways to write it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::members::Members;
use crate::aws::arn::Arn;

/// What a statement says. Two that say the same are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::aws) struct Elements {
    pub(in crate::aws) sid: Option<String>,
    pub(in crate::aws) effect: Effect,
    /// `None` in a policy of an identity, which has none.
    pub(in crate::aws) principal: Option<Matching<Who>>,
    /// In lower case: IAM ignores theirs.
    pub(in crate::aws) action: Matching<String>,
    /// As they were written; `None` where there is none.
    pub(in crate::aws) resource: Option<Matching<String>>,
    /// Operator, key in lower case, values.
    pub(in crate::aws) conditions: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    /// The keys as they were written, by the same in lower case: IAM ignores their case.
    pub(in crate::aws) spelling: Spelling,
    /// What has no meaning here.
    rest: BTreeMap<String, String>,
}

/// How condition keys were written. Makes no difference.
#[derive(Clone, Debug, Default)]
pub(in crate::aws) struct Spelling(BTreeMap<String, String>);

impl PartialEq for Spelling {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Spelling {}

impl Spelling {
    /// A key as it was written.
    pub(in crate::aws) fn of(&self, key: &str) -> String {
        self.0.get(key).cloned().unwrap_or_else(|| key.to_owned())
    }
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aws) enum Effect {
    Allow,
    Deny,
}

/// `Action` or `NotAction`, `Principal` or `NotPrincipal`, `Resource` or `NotResource`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::aws) enum Matching<T: Ord> {
    Only(BTreeSet<T>),
    AllBut(BTreeSet<T>),
}

/// One principal of a statement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::aws) enum Who {
    /// `*`.
    Everybody,
    /// An account, role, user or session, as an ARN; or what AWS shows of one that was deleted.
    Aws(String),
    /// `lambda.amazonaws.com`, ….
    Service(String),
    /// Somebody of an identity provider, a canonical user, or what comes later: its kind and its name.
    Other(String, String),
}

impl Who {
    /// As people write it.
    pub(in crate::aws) fn text(&self) -> String {
        match self {
            Self::Everybody => "*".to_owned(),
            Self::Aws(text) | Self::Service(text) => text.clone(),
            Self::Other(kind, text) => format!("{kind}: {text}"),
        }
    }
}

impl Elements {
    pub(super) fn of(members: &Members) -> Result<Self, String> {
        let mut left: BTreeMap<String, Value> = BTreeMap::new();
        for (name, raw) in members.iter() {
            let value = serde_json::from_str(raw.get()).map_err(|error| error.to_string())?;
            left.insert(name.to_owned(), value);
        }
        let sid = left.remove("Sid").map(|sid| text(&sid, "Sid")).transpose()?;
        let effect = match left.remove("Effect").as_ref().and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => return Err("`Effect` is neither `Allow` nor `Deny`".to_owned()),
        };
        let principal = matching(&mut left, "Principal", "NotPrincipal", principals)?;
        let action = matching(&mut left, "Action", "NotAction", texts)?
            .ok_or("it has no `Action` and no `NotAction`")?;
        let action = match action {
            Matching::Only(actions) => Matching::Only(lower_case(&actions)),
            Matching::AllBut(actions) => Matching::AllBut(lower_case(&actions)),
        };
        let resource = matching(&mut left, "Resource", "NotResource", texts)?;
        let (conditions, spelling) =
            left.remove("Condition").map(|value| conditions(&value)).transpose()?.unwrap_or_default();
        // Anything further is compared as JSON, whose objects are sorted here.
        let rest = left.into_iter().map(|(name, value)| (name, value.to_string())).collect();
        Ok(Self { sid, effect, principal, action, resource, conditions, spelling, rest })
    }

    /// The unique ids among its principals.
    pub(super) fn orphans(&self) -> Vec<String> {
        let Some(Matching::Only(principals)) = &self.principal else { return Vec::new() };
        let ids = principals.iter().filter_map(|who| match who {
            Who::Aws(text) if is_unique_id(text) => Some(text.clone()),
            _ => None,
        });
        ids.collect()
    }

    /// True when it has no member that this crate does not know.
    pub(in crate::aws) fn is_plain(&self) -> bool {
        self.rest.is_empty()
    }
}

/// Whether AWS shows a deleted principal by this text: a role, user, group, instance profile or the like, by its unique id.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>.
pub(in crate::aws) fn is_unique_id(text: &str) -> bool {
    let id = text.split(':').next().unwrap_or_default();
    ["AROA", "AIDA", "AGPA", "AIPA", "ANPA"].iter().any(|prefix| id.starts_with(prefix))
        && (16..=128).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// The value of `Principal` without these ids; `None` when nobody is left.
pub(super) fn without_principals(principal: Value, orphans: &[String]) -> Option<Value> {
    let is_orphan = |value: &Value| value.as_str().is_some_and(|text| orphans.iter().any(|id| id == text));
    let Value::Object(mut kinds) = principal else { return Some(principal) };
    kinds.retain(|_, value| match value {
        Value::Array(all) => {
            all.retain(|one| !is_orphan(one));
            !all.is_empty()
        }
        one => !is_orphan(one),
    });
    (!kinds.is_empty()).then_some(Value::Object(kinds))
}

fn matching<T: Ord>(
    members: &mut BTreeMap<String, Value>,
    only: &str,
    all_but: &str,
    read: fn(&Value, &str) -> Result<BTreeSet<T>, String>,
) -> Result<Option<Matching<T>>, String> {
    match (members.remove(only), members.remove(all_but)) {
        (Some(_), Some(_)) => Err(format!("it has both `{only}` and `{all_but}`")),
        (Some(value), None) => Ok(Some(Matching::Only(read(&value, only)?))),
        (None, Some(value)) => Ok(Some(Matching::AllBut(read(&value, all_but)?))),
        (None, None) => Ok(None),
    }
}

fn text(value: &Value, member: &str) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("`{member}` is not text"))
}

/// A text, or a list of texts.
fn texts(value: &Value, member: &str) -> Result<BTreeSet<String>, String> {
    match value {
        Value::Array(all) => all.iter().map(|one| text(one, member)).collect(),
        one => Ok(BTreeSet::from([text(one, member)?])),
    }
}

fn lower_case(texts: &BTreeSet<String>) -> BTreeSet<String> {
    texts.iter().map(|text| text.to_ascii_lowercase()).collect()
}

fn principals(value: &Value, member: &str) -> Result<BTreeSet<Who>, String> {
    let kinds = match value {
        Value::String(star) if star == "*" => return Ok(BTreeSet::from([Who::Everybody])),
        Value::Object(kinds) => kinds,
        _ => return Err(format!("`{member}` is neither `*` nor an object")),
    };
    let mut all = BTreeSet::new();
    for (kind, value) in kinds {
        for text in texts(value, member)? {
            all.insert(match kind.as_str() {
                "AWS" if text == "*" => Who::Everybody,
                "AWS" => Who::Aws(account_as_arn(text)),
                "Service" => Who::Service(text),
                _ => Who::Other(kind.clone(), text),
            });
        }
    }
    Ok(all)
}

/// The ARN of an account's root as an account's number is: AWS takes either, and shows the ARN. In the other partitions the number
/// comes back with theirs, so the number is the one form for all of them.
fn account_as_arn(text: String) -> String {
    match Arn::parse(&text) {
        Some(arn) if arn.service == "iam" && arn.resource == "root" && !arn.account.is_empty() => arn.account,
        _ => text,
    }
}

type Conditions = (BTreeMap<String, BTreeMap<String, BTreeSet<String>>>, Spelling);

fn conditions(value: &Value) -> Result<Conditions, String> {
    let wrong = || "`Condition` is not an object of operators, each an object of keys".to_owned();
    let mut operators: BTreeMap<_, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    let mut spelling = BTreeMap::new();
    for (operator, keys) in value.as_object().ok_or_else(wrong)? {
        let by_key = operators.entry(operator.clone()).or_default();
        for (key, values) in keys.as_object().ok_or_else(wrong)? {
            let values = match values {
                Value::Array(all) => all.iter().map(scalar).collect::<Option<BTreeSet<_>>>(),
                one => scalar(one).map(|one| BTreeSet::from([one])),
            };
            let folded = key.to_ascii_lowercase();
            spelling.insert(folded.clone(), key.clone());
            by_key.entry(folded).or_default().extend(values.ok_or_else(wrong)?);
        }
    }
    Ok((operators, Spelling(spelling)))
}

/// IAM takes numbers and truth values without quotation marks.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
