//! CloudTrail: which trails write down who reads a secret, and for how long that is kept. Reading a secret or a parameter and decrypting
//! with a key are management events that read, so a trail has them unless its selectors shut them out.
//! https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieve-ct-entries.html
//!
//! A trail always writes to a bucket; a log group beside it is a copy for alarms, so that only the bucket's lifecycle ends what is kept. An
//! EKS cluster's audit log is in its log group alone.

use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::{Audit, Origin};
use super::super::subject::{Attribute, Subject, steps};
use super::{WhenSilent, any_marked, clusters, flag_or};
use crate::plan::ResourceChange;

/// Where reads of secrets come from, as selectors call it.
const SOURCE: &str = "secretsmanager.amazonaws.com";

/// What the selectors of a trail let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coverage {
    /// Reads of secrets.
    Reads,
    /// Management events, but not these.
    Blind,
    /// Events of data only: it is a log of something else.
    DataOnly,
    /// Decided at apply.
    Undecided,
}

/// A trail.
pub(super) fn trail(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let enabled = flag_or(subject, &mut origin, "enabled", "enable_logging", WhenSilent::On);
    let (selectors, coverage) = match basic(subject) {
        Some(coverage) => ("event_selector", coverage),
        None => ("advanced_event_selector", advanced(subject)),
    };
    let Some(covers_secrets) = covers(coverage, &mut origin) else { return };
    origin.paths.insert("covers_secrets".to_owned(), steps![selectors]);
    collected.facts.audits.push(Audit { enabled, covers_secrets, ..Audit::of(origin, "trail") });
    bucket_lifecycles(subject, collected);
}

/// A store of events in CloudTrail Lake. Left alone it keeps them for seven years.
pub(super) fn event_data_store(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let Some(covers_secrets) = covers(advanced(subject), &mut origin) else { return };
    origin.paths.insert("covers_secrets".to_owned(), steps!["advanced_event_selector"]);
    // `suspend` is a text in the provider's schema.
    let suspended = subject.flag("suspend") == Some(true) || subject.text("suspend") == Some("true");
    origin.paths.insert("enabled".to_owned(), steps!["suspend"]);
    let retention_days = subject.number_field(&mut origin, "retention_days", steps!["retention_period"]);
    collected.facts.audits.push(Audit {
        enabled: Some(!suspended),
        covers_secrets,
        retention_days,
        ..Audit::of(origin, "trail")
    });
}

/// The log group of a cluster in this plan that writes an audit log.
pub(super) fn log_group(subject: &Subject<'_>, collected: &mut Collected) {
    let Some(cluster) =
        subject.text("name").and_then(|name| name.strip_prefix("/aws/eks/")?.strip_suffix("/cluster"))
    else {
        return;
    };
    let audited = of_type(subject, "aws_eks_cluster").any(|change| {
        Subject::open(subject.plan, change).is_ok_and(|candidate| {
            candidate.text("name") == Some(cluster) && clusters::writes_down_reads(&candidate) == Some(true)
        })
    });
    if audited {
        let mut origin = subject.origin();
        let days = subject.number_field(&mut origin, "retention_days", steps!["retention_in_days"]);
        // Zero is for ever.
        let retention_days = days.filter(|days| *days > 0.0);
        let covers_secrets = Some(true);
        collected.facts.audits.push(Audit {
            covers_secrets,
            retention_days,
            ..Audit::of(origin, "log_group")
        });
    }
}

/// The fact field for a coverage; nothing for a log of something else.
fn covers(coverage: Coverage, origin: &mut Origin) -> Option<Option<bool>> {
    match coverage {
        Coverage::Reads => Some(Some(true)),
        Coverage::Blind => Some(Some(false)),
        Coverage::DataOnly => None,
        Coverage::Undecided => {
            origin.unknown.push("covers_secrets".to_owned());
            Some(None)
        }
    }
}

/// What the event selectors let in; nothing where the trail has none.
fn basic(subject: &Subject<'_>) -> Option<Coverage> {
    let selectors =
        subject.after.get("event_selector")?.as_array().filter(|selectors| !selectors.is_empty())?;
    let one = |(index, selector): (usize, &Value)| {
        let undecided = ["include_management_events", "read_write_type"]
            .iter()
            .any(|name| subject.at(&steps!["event_selector", index, *name]) == Attribute::Unknown);
        if undecided {
            return Coverage::Undecided;
        }
        if selector.get("include_management_events") == Some(&Value::Bool(false)) {
            return Coverage::DataOnly;
        }
        let shut_out = selector.get("exclude_management_event_sources").and_then(Value::as_array);
        if shut_out.is_some_and(|sources| sources.iter().any(|source| source == SOURCE)) {
            return Coverage::Blind;
        }
        match selector.get("read_write_type").and_then(Value::as_str) {
            Some("WriteOnly") => Coverage::Blind,
            _ => Coverage::Reads,
        }
    };
    Some(together(selectors.iter().enumerate().map(one)))
}

/// What the advanced event selectors let in; all management events where there are none.
fn advanced(subject: &Subject<'_>) -> Coverage {
    let Some(Value::Array(selectors)) = subject.after.get("advanced_event_selector") else {
        return Coverage::Reads;
    };
    if selectors.is_empty() {
        return Coverage::Reads;
    }
    let one = |(index, selector): (usize, &Value)| {
        let fields: Vec<&Value> =
            selector.get("field_selector").and_then(Value::as_array).into_iter().flatten().collect();
        if !lets_in(&fields, "eventCategory", "Management") {
            return Coverage::DataOnly;
        }
        let marks = subject.unknown.get("advanced_event_selector").and_then(|marks| marks.get(index));
        if marks.is_some_and(any_marked) {
            return Coverage::Undecided;
        }
        let reads = lets_in(&fields, "readOnly", "true")
            && lets_in(&fields, "eventSource", SOURCE)
            && lets_in(&fields, "eventName", "GetSecretValue");
        if reads { Coverage::Reads } else { Coverage::Blind }
    };
    together(selectors.iter().enumerate().map(one))
}

/// What several selectors let in: what any of them does.
fn together(selectors: impl Iterator<Item = Coverage>) -> Coverage {
    let all: Vec<Coverage> = selectors.collect();
    [Coverage::Reads, Coverage::Undecided, Coverage::Blind]
        .into_iter()
        .find(|coverage| all.contains(coverage))
        .unwrap_or(Coverage::DataOnly)
}

/// The conditions on a field let this value through; all of them hold at once.
fn lets_in(fields: &[&Value], field: &str, value: &str) -> bool {
    let texts = |condition: &Value, name: &str| -> Vec<String> {
        let texts = condition.get(name).and_then(Value::as_array).into_iter().flatten();
        texts.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    fields.iter().filter(|condition| condition.get("field").is_some_and(|name| name == field)).all(
        |condition| {
            let any = |name: &str, holds: &dyn Fn(&str) -> bool| {
                let texts = texts(condition, name);
                texts.is_empty() || texts.iter().any(|text| holds(text))
            };
            let none = |name: &str, holds: &dyn Fn(&str) -> bool| {
                !texts(condition, name).iter().any(|text| holds(text))
            };
            any("equals", &|text| value == text)
                && any("starts_with", &|text| value.starts_with(text))
                && any("ends_with", &|text| value.ends_with(text))
                && none("not_equals", &|text| value == text)
                && none("not_starts_with", &|text| value.starts_with(text))
                && none("not_ends_with", &|text| value.ends_with(text))
        },
    )
}

/// Lifecycles of the bucket that a trail writes to: when what it wrote is deleted.
fn bucket_lifecycles(trail: &Subject<'_>, collected: &mut Collected) {
    let buckets = trail.referred(&steps!["s3_bucket_name"]);
    for change in of_type(trail, "aws_s3_bucket_lifecycle_configuration") {
        let Ok(lifecycle) = Subject::open(trail.plan, change) else { continue };
        let of_this = lifecycle.referred(&steps!["bucket"]).iter().any(|bucket| buckets.contains(bucket));
        let rules = lifecycle.after.get("rule").and_then(Value::as_array);
        let deletions = rules.into_iter().flatten().enumerate().filter(|(_, rule)| deletes_logs(rule));
        let soonest = deletions
            .filter_map(|(index, rule)| Some((index, rule.pointer("/expiration/0/days")?.as_f64()?)))
            .filter(|(_, days)| *days > 0.0)
            .min_by(|left, right| left.1.total_cmp(&right.1));
        let Some((index, days)) = soonest.filter(|_| of_this) else { continue };
        if collected.facts.audits.iter().any(|audit| audit.origin.address == lifecycle.address()) {
            continue;
        }
        let mut origin = lifecycle.origin();
        let path = steps!["rule", index, "expiration", 0_usize, "days"];
        origin.paths.insert("retention_days".to_owned(), path);
        let covers_secrets = Some(true);
        collected.facts.audits.push(Audit {
            covers_secrets,
            retention_days: Some(days),
            ..Audit::of(origin, "log_bucket")
        });
    }
}

/// A rule that is on and concerns all of the bucket or what CloudTrail writes there.
fn deletes_logs(rule: &Value) -> bool {
    let prefix = |at: &str| rule.pointer(at).and_then(Value::as_str).unwrap_or_default();
    let of_logs = |prefix: &str| prefix.is_empty() || prefix.starts_with("AWSLogs");
    let narrowed = ["/filter/0/tag", "/filter/0/and"]
        .iter()
        .any(|at| rule.pointer(at).and_then(Value::as_array).is_some_and(|blocks| !blocks.is_empty()));
    rule.get("status").and_then(Value::as_str) == Some("Enabled")
        && of_logs(prefix("/prefix"))
        && of_logs(prefix("/filter/0/prefix"))
        && !narrowed
}

fn of_type<'p>(
    subject: &Subject<'p>,
    resource_type: &'static str,
) -> impl Iterator<Item = &'p ResourceChange> + use<'p> {
    let changes = subject.plan.changes().iter();
    changes.filter(move |change| &*change.resource_type == resource_type && change.exists_after())
}
