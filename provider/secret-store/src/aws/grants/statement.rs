//! A grant as one statement, and back.
//!
//! Everything about a grant is in its statement: id, time and reason are in its `Sid`, which takes letters and digits only; the rest
//! is what AWS enforces. So there is no access without its note, and nothing beside it to keep in step. Reading back computes the id
//! again: a statement that somebody altered, or whose principal was deleted, is no grant any more, and is planned anew.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::condition;
use super::principal::AwsPrincipal;
use crate::aws::arn::Arn;
use crate::aws::policy::{Effect, Elements, Matching, Statement, Who};
use crate::error::Invalid;
use crate::grant::{Access, AccessSet, Condition, Grant, GrantId, GrantPlace, GrantSpec, Principal};
use crate::name::SecretName;

/// Longest reason, in bytes of UTF-8.
const MAX_REASON: usize = 256;

/// What each access allows: the least that works for it. See the README for why each is there.
const fn actions(access: Access) -> &'static [&'static str] {
    match access {
        Access::Read => &["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
        Access::Write => &[
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
            "secretsmanager:DescribeSecret",
            "secretsmanager:ListSecretVersionIds",
        ],
        Access::Rotate => &[
            "secretsmanager:RotateSecret",
            "secretsmanager:CancelRotateSecret",
            "secretsmanager:DescribeSecret",
            "secretsmanager:ListSecretVersionIds",
        ],
        Access::Describe => &["secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"],
    }
}

/// All that a set of accesses allows, each once.
pub(in crate::aws) fn all_actions(access: &AccessSet) -> BTreeSet<&'static str> {
    access.iter().flat_map(|access| actions(access).iter().copied()).collect()
}

/// The `Sid` of a grant: `Secretlint<id>At<seconds since 1970>Why<reason>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::aws) struct Sid {
    pub(in crate::aws) id: GrantId,
    created_at: Timestamp,
    reason: Option<String>,
}

impl Sid {
    pub(in crate::aws) fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("Secretlint")?;
        let (id, rest) = rest.split_at_checked(32)?;
        let id = Uuid::try_parse(id).ok()?;
        let rest = rest.strip_prefix("At")?;
        let (seconds, reason) = rest.split_once("Why").map_or((rest, None), |(at, why)| (at, Some(why)));
        let created_at = Timestamp::from_second(seconds.parse().ok()?).ok()?;
        let reason = match reason {
            None => None,
            Some(hex) => Some(String::from_utf8(from_hex(hex)?).ok()?),
        };
        Some(Self { id: GrantId::parse(&id.to_string()).ok()?, created_at, reason })
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secretlint{}At{}", self.id.uuid().simple(), self.created_at.as_second())?;
        let Some(reason) = &self.reason else { return Ok(()) };
        formatter.write_str("Why")?;
        reason.bytes().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// True for a statement that this crate made for this grant, whatever has become of it.
pub(super) fn is_of(statement: &Statement, id: &GrantId) -> bool {
    statement.sid().and_then(Sid::parse).is_some_and(|sid| sid.id == *id)
}

/// What of a grant a statement cannot hold.
pub(super) fn check(spec: &GrantSpec) -> Result<(), Invalid> {
    condition::check(&spec.conditions)?;
    if let Some(reason) = spec.reason.as_ref().filter(|reason| reason.len() > MAX_REASON) {
        return Err(Invalid::new(
            "reason",
            format!(
                "it has {} bytes, and {MAX_REASON} fit into the name of a statement; write less",
                reason.len()
            ),
        ));
    }
    match spec.expires_at {
        Some(end) if end.subsec_nanosecond() != 0 => {
            Err(Invalid::new("expires_at", "AWS compares whole seconds; leave out the fraction"))
        }
        _ => Ok(()),
    }
}

/// A grant as reading it back gives it: what has no meaning is in one order, and the usual place is not named.
pub(super) fn in_normal_form(mut spec: GrantSpec) -> GrantSpec {
    for condition in &mut spec.conditions {
        condition.values.sort();
        condition.values.dedup();
    }
    spec.conditions.sort_by_key(|condition| (condition.operator.clone(), condition.key.to_ascii_lowercase()));
    spec.via = spec.via.filter(|via| *via == GrantPlace::IdentityPolicy);
    spec.reason = spec.reason.filter(|reason| !reason.is_empty());
    spec
}

/// The secret that statements are about.
#[derive(Clone, Debug)]
pub(super) struct Site<'a> {
    pub(super) name: &'a SecretName,
    pub(super) arn: &'a Arn,
}

impl Site<'_> {
    /// The statement of a grant. `created_at` counts in whole seconds.
    ///
    /// # Errors
    /// [`Invalid`] when it cannot be written.
    pub(super) fn statement(
        &self,
        spec: &GrantSpec,
        principal: &AwsPrincipal,
        created_at: Timestamp,
    ) -> Result<Statement, Invalid> {
        let sid = Sid { id: spec.id(self.name), created_at, reason: spec.reason.clone() };
        let mut members = vec![("Sid", json!(sid.to_string())), ("Effect", json!("Allow"))];
        let resource = match spec.via {
            Some(GrantPlace::IdentityPolicy) => json!(self.arn.to_string()),
            Some(GrantPlace::ResourcePolicy) | None => {
                members.push(("Principal", principal_element(&principal.who())));
                json!("*")
            }
        };
        members.push(("Action", json!(all_actions(&spec.access))));
        members.push(("Resource", resource));
        if let Some(conditions) = condition::to_json(&spec.conditions, spec.expires_at) {
            members.push(("Condition", conditions));
        }
        Statement::of(&members).map_err(|reason| Invalid::new("grant", reason))
    }

    /// The grant that a statement of the secret's policy is, if it is one.
    pub(super) fn grant(&self, statement: &Statement) -> Option<Grant> {
        let Some(Matching::Only(principals)) = &statement.elements().principal else { return None };
        let mut all = principals.iter();
        let spellings = match (all.next()?, all.next()) {
            (Who::Aws(account), None) if !account.contains(':') => {
                vec![account.clone(), format!("arn:{}:iam::{account}:root", self.arn.partition)]
            }
            (Who::Aws(text) | Who::Service(text), None) => vec![text.clone()],
            _ => return None,
        };
        let any = Matching::Only(BTreeSet::from(["*".to_owned()]));
        spellings.iter().find_map(|text| self.read(statement, Principal::parse(text).ok()?, None, &any))
    }

    /// The grant that a statement of this principal's own policy is, if it is one.
    pub(super) fn grant_of(&self, statement: &Statement, principal: &Principal) -> Option<Grant> {
        if statement.elements().principal.is_some() {
            return None;
        }
        let this = Matching::Only(BTreeSet::from([self.arn.to_string()]));
        self.read(statement, principal.clone(), Some(GrantPlace::IdentityPolicy), &this)
    }

    fn read(
        &self,
        statement: &Statement,
        principal: Principal,
        via: Option<GrantPlace>,
        resource: &Matching<String>,
    ) -> Option<Grant> {
        let sid = Sid::parse(statement.sid()?)?;
        let elements = statement.elements();
        if elements.effect != Effect::Allow
            || !elements.is_plain()
            || elements.resource.as_ref() != Some(resource)
        {
            return None;
        }
        let (conditions, expires_at) = conditions_of(elements)?;
        let spec = |access| GrantSpec {
            principal: principal.clone(),
            access,
            expires_at,
            reason: sid.reason.clone(),
            conditions: conditions.clone(),
            via,
        };
        // Several sets allow the same; the id tells which it was.
        let spec = access_sets()
            .filter(|access| lower_case_actions(access) == elements.action)
            .map(spec)
            .find(|spec| spec.id(self.name) == sid.id)?;
        Some(Grant { id: sid.id, spec, created_at: sid.created_at })
    }
}

fn principal_element(who: &Who) -> Value {
    match who {
        Who::Service(name) => json!({"Service": name}),
        other => json!({"AWS": other.text()}),
    }
}

/// The conditions of a statement, and the end among them.
fn conditions_of(elements: &Elements) -> Option<(Vec<Condition>, Option<Timestamp>)> {
    let mut end = None;
    let mut conditions = Vec::new();
    for (operator, keys) in &elements.conditions {
        for (key, values) in keys {
            if operator == condition::END.0 && key.eq_ignore_ascii_case(condition::END.1) {
                let mut values = values.iter();
                end = Some(values.next()?.parse().ok()?);
                if values.next().is_some() {
                    return None;
                }
                continue;
            }
            let values = values.iter().cloned().collect();
            conditions.push(Condition { operator: operator.clone(), key: elements.spelling.of(key), values });
        }
    }
    Some((conditions, end))
}

fn lower_case_actions(access: &AccessSet) -> Matching<String> {
    Matching::Only(all_actions(access).into_iter().map(str::to_ascii_lowercase).collect())
}

/// All sets of accesses but the empty one.
fn access_sets() -> impl Iterator<Item = AccessSet> {
    const ALL: [Access; 4] = [Access::Read, Access::Write, Access::Rotate, Access::Describe];
    (1_u8..16).filter_map(|chosen| {
        let members = ALL.iter().enumerate().filter(move |(bit, _)| chosen & (1 << bit) != 0);
        AccessSet::new(members.map(|(_, access)| *access)).ok()
    })
}

#[cfg(test)]
mod tests;
