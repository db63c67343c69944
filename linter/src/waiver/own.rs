//! What the linter says about decisions themselves: that one is over, is not needed, or ends soon. These results are no rules, so they cannot be
//! skipped, waived, or put into a baseline.

use super::decision::{Decision, Scope};
use super::rule_book::UNREADABLE;
use crate::finding::{Certainty, Finding, Fingerprint, RuleId, Severity, SuppressionKind};
use crate::report::human::counted;

/// Id of the result for a decision that is over. Medium: whatever it covered counts again with a severity of its own, so this is about the
/// promise that was not kept.
pub const EXPIRED: &str = "waiver.expired";

/// Id of the result for a decision that covers nothing. Low: nothing is at risk yet, but it would hide what comes back.
pub const UNUSED: &str = "waiver.unused";

/// The result is about a decision and not about the plan.
#[must_use]
pub fn is_own(rule: &RuleId) -> bool {
    matches!(rule.as_str(), EXPIRED | UNUSED)
}

/// What there is to know of a result that no rule gives.
#[must_use]
pub fn explanation(name: &str) -> Option<&'static str> {
    match name {
        UNREADABLE => Some(UNREADABLE_EXPLAINED),
        EXPIRED => Some(EXPIRED_EXPLAINED),
        UNUSED => Some(UNUSED_EXPLAINED),
        _ => None,
    }
}

/// Whether anything needs a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// It covers nothing.
    None,
    /// It covers something, or this run has not asked its rule about everything.
    Perhaps,
}

pub(super) fn expired(decision: &Decision, need: Need) -> Finding {
    let again = match decision.used {
        0 if need == Need::None => "it covers nothing any more".to_owned(),
        0 => "it has no effect any more".to_owned(),
        1 => "the finding it covers counts again".to_owned(),
        many => format!("the {many} findings it covers count again"),
    };
    let message =
        format!("this {} of `{}` ended on {}: {again}", noun(decision), decision.rule, decision.until);
    let help = match (decision.used, &decision.owner) {
        (0, _) if need == Need::None => "remove it".to_owned(),
        (_, Some(owner)) => format!(
            "correct what it covers, or ask {owner} for a new `until`, with the reason why it takes longer"
        ),
        (_, None) => {
            "correct what it covers, or write a new `until`, with the reason why it takes longer".to_owned()
        }
    };
    finding(decision, EXPIRED, Severity::Medium, message, help)
}

pub(super) fn unused(decision: &Decision) -> Finding {
    let message = format!("this {} of `{}` covers no finding", noun(decision), decision.rule);
    let help = match (&decision.nearly, &decision.scope) {
        (Some(address), _) => format!(
            "there is a finding in {address}: an address names its instances, `[*]` stands for any; otherwise remove it"
        ),
        (None, Scope::Addresses { .. }) => {
            "remove it; if it should cover something, compare `address` and `path` with the finding".to_owned()
        }
        (None, Scope::Line { .. }) => {
            "remove it; if it should cover something, put it on the line above the attribute or the block, or at the end of the attribute's line".to_owned()
        }
    };
    finding(decision, UNUSED, Severity::Low, message, help)
}

pub(super) fn ends_soon(decision: &Decision) -> String {
    let owner = decision.owner.as_ref().map(|owner| format!(", owner {owner}")).unwrap_or_default();
    format!(
        "the {} of `{}` in {}:{} ends on {}{owner}; it covers {}",
        noun(decision),
        decision.rule,
        decision.location.file.display(),
        decision.location.line,
        decision.until,
        counted(decision.used, "finding"),
    )
}

const fn noun(decision: &Decision) -> &'static str {
    match decision.kind {
        SuppressionKind::Inline => "inline ignore",
        SuppressionKind::Waiver | SuppressionKind::Baseline | SuppressionKind::Exception => "waiver",
    }
}

fn finding(decision: &Decision, rule: &str, severity: Severity, message: String, help: String) -> Finding {
    let rule = RuleId::from_package(rule);
    Finding {
        fingerprint: Fingerprint::new(&rule, &decision.subject, &[], 0),
        rule,
        severity,
        certainty: Certainty::Violation,
        address: decision.subject.clone(),
        path: Vec::new(),
        message,
        labels: Vec::new(),
        help: Some(help),
        location: Some(decision.location.clone()),
        suppression: None,
        metadata: serde_json::Map::new(),
    }
}

const UNREADABLE_EXPLAINED: &str = "\
linter.unreadable (medium, always undetermined)
A part of the plan could not be read

Why:
  A rule judges what the linter understands. A policy document that is not JSON, a rotation schedule that is none, or values nested
  deeper than any platform accepts are not understood, so nobody has checked them; to say nothing would look like a pass.

What to do:
  Correct the part that is named, or report it to the authors of secretlint if the platform accepts it as it is. It is no rule: it
  cannot be skipped, given another severity, or put into a baseline. A waiver must name it by its full id.
  `--on-unknown pass|warn|fail` says what it does to the exit status.
";

const EXPIRED_EXPLAINED: &str = "\
waiver.expired (medium)
A waiver or an inline ignore is over

Why:
  Somebody decided to live with a finding until a certain day, and named a reason. The day is over. The decision has no effect any
  more, so what it covered counts again; this result says why it does, and who had promised what.

What to do:
  Correct what the waiver covers and remove it. If that takes longer, agree on a new `until` with its owner. It is no rule: it cannot
  be skipped, waived, or given another severity. The day named in `until` is the last on which the waiver holds, in UTC.
";

const UNUSED_EXPLAINED: &str = "\
waiver.unused (low)
A waiver or an inline ignore covers no finding

Why:
  What it was written for has been corrected, has moved to another address, or was never there. Left in place it would hide the next
  finding of the same kind. Reported only if the rule was evaluated and every plan could be read.

What to do:
  Remove it. If it should cover something, compare its address with that of the finding: `[*]` stands for any instance, and a
  comment belongs on the line above the attribute or the block, or at the end of the attribute's line. `on_unused_waiver` in
  secretlint.hcl says what it does: `pass` hides it, `warn` (the default) reports it and leaves the exit status alone, `fail`
  makes it count like any other low finding.
";
