//! Decisions on a day that the test names.

use std::fs;

use jiff::civil::{Date, date};
use tempfile::TempDir;

use super::*;
use crate::facts::model::PathStep;
use crate::finding::{Certainty, Fingerprint, Severity};

const TODAY: Date = date(2026, 11, 22);

fn book() -> RuleBook {
    RuleBook::of(&[("value.literal", &[]), ("grant.wildcard", &["grant.star"])])
}

fn evaluated() -> BTreeSet<RuleId> {
    ["value.literal", "grant.wildcard"].map(RuleId::from_package).into()
}

fn config(waivers: &[(&str, &str, &str)]) -> Config {
    let blocks: String = waivers
        .iter()
        .map(|(rule, address, until)| {
            format!("waiver {{\n  rule = \"{rule}\"\n  address = \"{address}\"\n  reason = \"r\"\n  owner = \"o\"\n  until = \"{until}\"\n}}\n")
        })
        .collect();
    Config::parse("secretlint.hcl", &blocks).unwrap()
}

fn decisions(waivers: &[(&str, &str, &str)], today: Date) -> Decisions {
    Decisions::new(&config(waivers), book(), today).unwrap()
}

fn finding(rule: &str, address: &str, path: &[&str]) -> Finding {
    let rule = RuleId::from_package(rule);
    let path: Vec<PathStep> = path.iter().map(|name| PathStep::from(*name)).collect();
    Finding {
        fingerprint: Fingerprint::new(&rule, address, &path, 0),
        rule,
        severity: Severity::High,
        certainty: Certainty::Violation,
        address: address.into(),
        path,
        message: "this is wrong".into(),
        labels: Vec::new(),
        help: None,
        location: None,
        suppression: None,
        metadata: serde_json::Map::new(),
    }
}

/// Which kind of decision suppresses the finding.
fn kind(
    decisions: &mut Decisions,
    finding: &Finding,
    sources: Option<&mut Sources>,
) -> Option<SuppressionKind> {
    let mut findings = [finding.clone()];
    decisions.apply(&mut findings, sources).unwrap();
    findings[0].suppression.as_ref().map(|suppression| suppression.kind)
}

#[test]
fn a_waiver_holds_through_its_last_day_and_not_longer() {
    let found = finding("value.literal", "a.b", &["c"]);
    for (today, expected) in [
        (date(2026, 1, 1), Some(SuppressionKind::Waiver)),
        (date(2026, 11, 22), Some(SuppressionKind::Waiver)),
        (date(2026, 11, 23), None),
        (date(2030, 1, 1), None),
    ] {
        let mut decisions = decisions(&[("value.literal", "a.b", "2026-11-22")], today);
        assert_eq!(kind(&mut decisions, &found, None), expected, "{today}");
    }
}

/// What the review says of one waiver that covers a finding or not.
fn review(until: &str, address: &str) -> (Vec<String>, Vec<String>) {
    let mut decisions = decisions(&[("value.literal", "a.b", until)], TODAY);
    kind(&mut decisions, &finding("value.literal", address, &["c"]), None);
    let review = decisions.review(Some(&evaluated()));
    (
        review.findings.iter().map(|finding| format!("{}: {}", finding.rule, finding.message)).collect(),
        review.warnings,
    )
}

#[test]
fn the_review_says_what_is_over_unused_or_ends_soon() {
    let expired = "waiver.expired: this waiver of `value.literal` ended on 2026-11-21";
    assert_eq!(
        review("2026-11-21", "a.b"),
        (vec![format!("{expired}: the finding it covers counts again")], vec![])
    );
    assert_eq!(review("2026-11-21", "x.y"), (vec![format!("{expired}: it covers nothing any more")], vec![]));
    let soon =
        "the waiver of `value.literal` in secretlint.hcl:1 ends on 2026-12-06, owner o; it covers 1 finding";
    assert_eq!(review("2026-12-06", "a.b"), (vec![], vec![soon.into()]));
    assert_eq!(review("2026-12-07", "a.b"), (vec![], vec![]));
    let unused = "waiver.unused: this waiver of `value.literal` covers no finding";
    assert_eq!(review("2026-12-06", "x.y"), (vec![unused.into()], vec![]));
}

#[test]
fn nothing_is_called_unused_that_was_not_asked_for() {
    let waivers = [
        ("value.literal", "a.b", "2027-01-31"),
        ("*", "a.b", "2027-01-31"),
        ("linter.unreadable", "a.b", "2027-01-31"),
    ];
    let unused =
        |evaluated: Option<&BTreeSet<RuleId>>| decisions(&waivers, TODAY).review(evaluated).findings.len();
    assert_eq!(unused(Some(&evaluated())), 3);
    assert_eq!(unused(Some(&BTreeSet::from([RuleId::from_package("value.literal")]))), 2);
    assert_eq!(unused(None), 0);
}

#[test]
fn a_waiver_cannot_hold_longer_than_the_team_allows() {
    let new = |until: &str| Decisions::new(&config(&[("value.literal", "a.b", until)]), book(), TODAY);
    assert!(new("2027-11-22").is_ok());
    let Err(ConfigError::Invalid { problems }) = new("2027-11-23") else { panic!("accepted") };
    assert_eq!(problems[0].to_string(), "`until` is more than 365 days away");
}

#[test]
fn a_former_id_and_what_could_not_be_read_are_waived_by_name() {
    let mut of_alias = decisions(&[("grant.star", "*", "2027-01-31")], TODAY);
    assert_eq!(
        kind(&mut of_alias, &finding("grant.wildcard", "a.b", &[]), None),
        Some(SuppressionKind::Waiver)
    );
    let unreadable = finding(UNREADABLE, "a.b", &[]);
    assert_eq!(kind(&mut decisions(&[("*", "*", "2027-01-31")], TODAY), &unreadable, None), None);
    let mut by_name = decisions(&[(UNREADABLE, "*", "2027-01-31")], TODAY);
    assert_eq!(kind(&mut by_name, &unreadable, None), Some(SuppressionKind::Waiver));
}

#[test]
fn the_decision_nearest_to_the_code_is_named_and_all_are_needed() {
    let folder = TempDir::new().unwrap();
    let main = "# secretlint:ignore value.literal until=2027-01-31 reason=\"r\"\nresource \"a\" \"b\" {\n  c = 1\n}\n";
    fs::write(folder.path().join("main.tf"), main).unwrap();
    let found = finding("value.literal", "a.b", &["c"]);
    let mut baseline = Baseline::empty(std::path::Path::new("b.json"));
    baseline.add(&found, TODAY);
    let mut all = decisions(&[("value.literal", "a.b", "2027-01-31")], TODAY).with_baseline(baseline);
    let mut sources = Sources::open(folder.path());
    assert_eq!(kind(&mut all, &found, Some(&mut sources)), Some(SuppressionKind::Inline));
    assert_eq!(kind(&mut all, &finding("value.literal", "x.y", &["c"]), Some(&mut sources)), None);
    assert!(all.review(Some(&evaluated())).findings.is_empty());
}

#[test]
fn a_baseline_covers_what_a_waiver_that_is_over_does_not() {
    let found = finding("value.literal", "a.b", &["c"]);
    let mut baseline = Baseline::empty(std::path::Path::new("b.json"));
    baseline.add(&found, TODAY);
    let mut both = decisions(&[("value.literal", "a.b", "2026-01-31")], TODAY).with_baseline(baseline);
    assert_eq!(kind(&mut both, &found, None), Some(SuppressionKind::Baseline));
}

#[test]
fn a_result_about_waivers_is_never_suppressed() {
    let mut decisions = decisions(&[("*", "*", "2027-01-31")], TODAY);
    assert_eq!(kind(&mut decisions, &finding(UNUSED, "a.b", &[]), None), None);
    let mut baseline = Baseline::empty(std::path::Path::new("b.json"));
    for rule in [UNUSED, EXPIRED, UNREADABLE] {
        baseline.add(&finding(rule, "a.b", &[]), TODAY);
    }
    assert!(baseline.is_empty());
}

#[test]
fn a_baseline_reads_back_as_it_was_written() {
    let file = std::path::Path::new("b.json");
    let mut baseline = Baseline::empty(file);
    for (rule, address) in
        [("value.literal", "b.c"), ("grant.wildcard", "b.c"), ("value.literal", "a.b[\"x\"]")]
    {
        baseline.add(&finding(rule, address, &["p", "q r"]), TODAY);
    }
    let text = baseline.render().unwrap();
    let read = Baseline::parse(file, text.as_bytes()).unwrap();
    assert_eq!((read.len(), read.render().unwrap()), (3, text));
    assert!(read.gone(&baseline).is_empty());
}
