//! The schedules that AWS's documentation shows, those that it refuses, and that what is printed is what was read.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::{Schedule, Window};
use crate::rotation::RotationSchedule;

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

fn every(period: SignedDuration) -> RotationSchedule {
    RotationSchedule::Every(period)
}

#[track_caller]
fn check_prints_as_it_was_read(text: &str) {
    let schedule = Schedule::parse(text).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(schedule.to_string(), text);
}

#[track_caller]
fn check_refused(text: &str, expected: &str) {
    let error = Schedule::parse(text).expect_err(text);
    assert_eq!(error.field, "schedule");
    assert!(error.reason.contains(expected), "{text}: {}", error.reason);
    assert!(error.reason.contains("write "), "it says what to write: {}", error.reason);
}

#[track_caller]
fn check_window(schedule: &str, window: SignedDuration, expected: Result<&str, (&str, &str)>) {
    let found = Schedule::parse(schedule).unwrap().window(window).map(|window| window.to_string());
    match (found, expected) {
        (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{schedule}"),
        (Err(error), Err((field, reason))) => {
            assert_eq!(error.field, field, "{schedule}: {error}");
            assert!(error.reason.contains(reason), "{schedule}: {error}");
        }
        (found, _) => panic!("{schedule} with {window:#}: {found:?}"),
    }
}

#[test]
fn every_schedule_of_the_documentation_passes() {
    for text in [
        "rate(4 hours)",
        "rate(23 hours)",
        "rate(1 day)",
        "rate(10 days)",
        "rate(999 days)",
        "cron(0 /8 * * ? *)",
        "cron(0 8/8 * * ? *)",
        "cron(0 2/10 * * ? *)",
        "cron(0 4/12 * * ? *)",
        "cron(0 10 * * ? *)",
        "cron(0 18 ? * SAT *)",
        "cron(0 8 1 * ? *)",
        "cron(0 1 ? 1/3 SUN#1 *)",
        "cron(0 17 L * ? *)",
        "cron(0 8 ? * MON-FRI *)",
        "cron(0 16 1,15 * ? *)",
        "cron(0 16 1-15 JAN,APR,JUL,OCT ? *)",
        "cron(0 0 ? 1/11 2#1 *)",
        "cron(0 0 1/2 1-3 ? *)",
        "cron(0 0 SUNL * ? *)",
        "cron(0 0 ? * SUNL *)",
        "cron(0 0 ? * L *)",
        "cron(0 0 ? * 1/2 *)",
        "cron(0 0 29 FEB ? *)",
        "cron(0 0,12 ? * * *)",
    ] {
        check_prints_as_it_was_read(text);
    }
}

#[test]
fn spaces_do_not_matter() {
    let schedule = Schedule::parse("cron( 0  3 ?   * MON * )").unwrap();
    assert_eq!(schedule.to_string(), "cron(0 3 ? * MON *)");
    assert_eq!(Schedule::parse("rate( 12   hours )").unwrap(), Schedule::Hours(12));
}

#[test]
fn a_rate_is_within_the_limits_of_aws_and_in_the_right_number() {
    for text in [
        "rate(3 hours)",
        "rate(24 hours)",
        "rate(0 days)",
        "rate(1000 days)",
        "rate(1 days)",
        "rate(2 day)",
        "rate(5 hour)",
        "rate(30 minutes)",
        "rate(007 days)",
        "rate(+7 days)",
        "rate(days)",
        "rate()",
    ] {
        check_refused(text, "`rate(N hours)` with N from 4 to 23, or `rate(N days)` with N from 1 to 999");
    }
}

#[test]
fn each_field_of_a_cron_expression_says_what_is_wrong_in_it() {
    for (text, expected) in [
        ("cron(5 3 ? * MON *)", "minutes are `5`"),
        ("cron(00 3 ? * MON *)", "minutes are `00`"),
        ("cron(* 3 ? * MON *)", "minutes are `*`"),
        ("cron(0 24 ? * MON *)", "hours is `24`: write 0 to 23"),
        ("cron(0 03 ? * MON *)", "without zeros in front"),
        ("cron(0 ? 1 * ? *)", "`?` stands alone"),
        ("cron(0 3 32 * ? *)", "day-of-month is `32`: write 1 to 31"),
        ("cron(0 3 0 * ? *)", "day-of-month is `0`"),
        ("cron(0 3 15W * ? *)", "Secrets Manager has no `W`"),
        ("cron(0 3 LW * ? *)", "Secrets Manager has no `W`"),
        ("cron(0 3 MON * ? *)", "day-of-month is `MON`"),
        ("cron(0 3 1,,2 * ? *)", "day-of-month is ``"),
        ("cron(0 3 20-10 * ? *)", "runs backwards"),
        ("cron(0 3 1/0 * ? *)", "after `/` write every how many"),
        ("cron(0 3 1/ * ? *)", "after `/` write every how many"),
        ("cron(0 3 1 13 ? *)", "month is `13`: write 1 to 12, or JAN to DEC"),
        ("cron(0 3 1 jan ? *)", "write `JAN` in capitals"),
        ("cron(0 3 1 L ? *)", "month is `L`"),
        ("cron(0 3 ? * 0 *)", "day-of-week is `0`: write 1 to 7, or SUN to SAT"),
        ("cron(0 3 ? * MONDAY *)", "day-of-week is `MONDAY`"),
        ("cron(0 3 ? * FRI-MON *)", "runs backwards"),
        ("cron(0 3 ? * TUE#6 *)", "write `#1` to `#5`"),
        ("cron(0 3 ? * TUE# *)", "write `#1` to `#5`"),
        ("cron(0 3 ? * #2 *)", "day-of-week is `#2`"),
        ("cron(0 3 ? * XL *)", "day-of-week is `XL`"),
        ("cron(0 3 ? * ? *)", "both are `?`"),
        ("cron(0 3 * * * *)", "only one of them says the days"),
        ("cron(0 3 1 * MON *)", "only one of them says the days"),
        ("cron(0 3 ? * MON 2027)", "year is `2027`"),
        ("cron(0 3 ? * MON)", "it has 5 fields"),
        ("cron(0 3 ? * MON * *)", "it has 7 fields"),
        ("cron()", "it has 0 fields"),
    ] {
        let error = Schedule::parse(text).expect_err(text);
        assert_eq!(error.field, "schedule");
        assert!(error.reason.starts_with(&format!("in `{text}`, ")), "{}", error.reason);
        assert!(error.reason.contains(expected), "{text}: {}", error.reason);
    }
}

#[test]
fn aws_rotates_at_most_every_four_hours() {
    for (text, expected) in [
        ("cron(0 * * * ? *)", "hours lie 1 hour apart"),
        ("cron(0 0/3 * * ? *)", "hours lie 3 hours apart"),
        ("cron(0 8-9 1 * ? *)", "hours lie 1 hour apart"),
        ("cron(0 0/11 * * ? *)", "2 hours after 22:00 comes 0:00"),
        ("cron(0 1,22 ? * MON,TUE *)", "3 hours after 22:00 comes 1:00"),
        ("cron(0 0,23 ? * SAT,SUN *)", "1 hour after 23:00 comes 0:00"),
        // 31 December and 1 January follow each other.
        ("cron(0 0,23 1,31 * ? *)", "1 hour after 23:00"),
        ("cron(0 0,23 L,1 * ? *)", "1 hour after 23:00"),
    ] {
        check_refused(text, expected);
    }
    // The days do not follow each other, so neither do the hours.
    for text in ["cron(0 1,22 ? * MON,WED *)", "cron(0 0,23 1 * ? *)", "cron(0 0,23 ? * TUE#2 *)"] {
        check_prints_as_it_was_read(text);
    }
}

#[test]
fn a_day_that_no_month_has_is_refused() {
    for text in ["cron(0 3 30 FEB ? *)", "cron(0 3 31 4,6,9,11 ? *)"] {
        check_refused(text, "no date matches");
    }
}

#[test]
fn what_is_no_expression_says_how_to_write_one() {
    for (text, expected) in [
        ("", "is not a schedule of AWS"),
        ("monthly", "is not a schedule of AWS"),
        ("rate 4 hours", "is not a schedule of AWS"),
        ("at(2027-01-01T00:00:00)", "is not a schedule of AWS"),
        ("0 3 * * 1", "write `cron(0 3 ? * MON *)`"),
        ("0 3 * * 7", "write `cron(0 3 ? * SUN *)`"),
        ("0 3 1 * *", "write `cron(0 3 1 * ? *)`"),
        ("0 3 * * mon-fri", "write `cron(0 3 ? * MON-FRI *)`"),
        ("30 3 * * 1", "write `cron(Minutes Hours"),
        ("0 3 1 * 1", "write `cron(Minutes Hours"),
    ] {
        check_refused(text, expected);
    }
}

#[test]
fn a_length_of_time_is_hours_or_days_for_aws() {
    let printed = |period: SignedDuration| Schedule::of(&every(period)).map(|schedule| schedule.to_string());
    for (period, expected) in [
        (hours(4), "rate(4 hours)"),
        (hours(23), "rate(23 hours)"),
        (hours(24), "rate(1 day)"),
        (hours(24 * 30), "rate(30 days)"),
        (hours(24 * 1000), "rate(1000 days)"),
    ] {
        assert_eq!(printed(period).as_deref(), Ok(expected));
    }
    for (period, expected) in [
        (hours(3), "at most every 4 hours"),
        (SignedDuration::from_secs(1), "at most every 4 hours"),
        (SignedDuration::ZERO, "at most every 4 hours"),
        (hours(-24), "at most every 4 hours"),
        (hours(36), "neither 4 to 23 whole hours nor whole days"),
        (SignedDuration::from_mins(270), "neither"),
        (hours(24) + SignedDuration::from_nanos(1), "neither"),
        (hours(24 * 1001), "at most 1000 days"),
        (SignedDuration::MAX, "at most 1000 days"),
    ] {
        let error = printed(period).unwrap_err();
        assert_eq!(error.field, "schedule");
        assert!(error.reason.contains(expected), "{period}: {error}");
    }
}

#[test]
fn a_window_ends_before_the_next_one_opens_and_before_the_day_does() {
    let too_late = |reason| Err(("window", reason));
    check_window("rate(30 days)", hours(24), Ok("24h"));
    check_window("rate(6 hours)", hours(6), Ok("6h"));
    check_window("rate(6 hours)", hours(7), too_late("write `6h` or less"));
    check_window("cron(0 3 ? * MON *)", hours(21), Ok("21h"));
    check_window("cron(0 3 ? * MON *)", hours(22), too_late("write `21h` or less"));
    check_window("cron(0 8/8 * * ? *)", hours(8), Ok("8h"));
    check_window("cron(0 0/8 * * ? *)", hours(9), too_late("write `8h` or less"));
    check_window("cron(0 2/10 * * ? *)", hours(2), Ok("2h"));
    check_window(
        "cron(0 2/10 * * ? *)",
        hours(3),
        too_late("runs into the next day (UTC): write `2h` or less"),
    );
    check_window("cron(0 0,4 * * ? *)", hours(5), too_late("4 hours after it: write `4h` or less"));
    for wrong in [
        SignedDuration::ZERO,
        hours(25),
        SignedDuration::from_mins(90),
        SignedDuration::from_mins(30),
        hours(-1),
    ] {
        check_window("rate(30 days)", wrong, too_late("whole hours, `1h` to `24h`"));
    }
    let thousand = Schedule::of(&every(hours(24 * 1000))).unwrap();
    assert_eq!(thousand.window(hours(3)).unwrap_err().field, "schedule");
}

#[test]
fn days_are_sent_as_days_unless_a_window_needs_an_expression() {
    let rules = |schedule: &RotationSchedule, window: Option<i64>| {
        let schedule = Schedule::of(schedule).unwrap();
        let window = window.map(|length| schedule.window(hours(length)).unwrap());
        let rules = schedule.rules(window);
        let expression = rules.schedule_expression().map(str::to_owned);
        (rules.automatically_after_days(), expression, rules.duration().map(str::to_owned))
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(rules(&every(hours(720)), None), (Some(30), None, None));
    assert_eq!(rules(&every(hours(720)), Some(3)), (None, text("rate(30 days)"), text("3h")));
    assert_eq!(rules(&every(hours(12)), None), (None, text("rate(12 hours)"), None));
    let cron = RotationSchedule::Cron("cron(0 3 ? * MON *)".to_owned());
    assert_eq!(rules(&cron, Some(2)), (None, text("cron(0 3 ? * MON *)"), text("2h")));
}

#[test]
fn what_aws_keeps_reads_as_what_was_asked_for() {
    for (text, expected) in [
        ("rate(30 days)", every(hours(720))),
        ("rate(1 day)", every(hours(24))),
        ("rate(12 hours)", every(hours(12))),
        ("cron(0 3 ? * MON *)", RotationSchedule::Cron("cron(0 3 ? * MON *)".to_owned())),
        ("of a later year", RotationSchedule::Cron("of a later year".to_owned())),
    ] {
        assert_eq!(Schedule::rotation_schedule(text), expected, "{text}");
    }
    assert_eq!(Window::parse("3h"), Some(hours(3)));
    assert_eq!(Window::parse("3 hours"), None);
}

/// One item of a field: a value, a range or a step.
fn item(least: u8, most: u8, names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let spell = move |number: u8, by_name: bool| match names.get(usize::from(number - least)) {
        Some(name) if by_name => (*name).to_owned(),
        _ => number.to_string(),
    };
    (least..=most, least..=most, 1..=most.max(1), any::<bool>(), 0..6_u8).prop_map(
        move |(one, other, step, by_name, form)| {
            let (from, to) = (spell(one.min(other), by_name), spell(one.max(other), by_name));
            match form {
                0 => from,
                1 => format!("{from}-{to}"),
                2 => format!("{from}/{step}"),
                3 => format!("{from}-{to}/{step}"),
                4 => format!("*/{step}"),
                _ => "*".to_owned(),
            }
        },
    )
}

fn items(least: u8, most: u8, names: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(item(least, most, names), 1..4).prop_map(|items| items.join(","))
}

/// Expressions that are well formed; AWS may still find their windows too close.
fn expression() -> impl Strategy<Value = String> {
    const MONTHS: &[&str] =
        &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    const WEEKDAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    let weekday = prop::sample::select(WEEKDAYS);
    let of_month = prop_oneof![
        items(1, 31, &[]),
        Just("L".to_owned()),
        weekday.clone().prop_map(|day| format!("{day}L")),
    ];
    let of_week = prop_oneof![
        items(1, 7, WEEKDAYS),
        Just("L".to_owned()),
        (1..=7_u8).prop_map(|day| format!("{day}L")),
        (weekday, 1..=5_u8).prop_map(|(day, nth)| format!("{day}#{nth}")),
    ];
    let days = prop_oneof![
        of_month.prop_map(|days| (days, "?".to_owned())),
        of_week.prop_map(|days| ("?".to_owned(), days)),
    ];
    let hours = prop_oneof![(0..24_u8).prop_map(|hour| hour.to_string()), item(0, 23, &[])];
    (hours, days, items(1, 12, MONTHS))
        .prop_map(|(hours, (day, weekday), month)| format!("cron(0 {hours} {day} {month} {weekday} *)"))
}

proptest! {
    #[test]
    fn what_is_printed_is_what_was_read(text in expression()) {
        match Schedule::parse(&text) {
            Ok(schedule) => {
                prop_assert_eq!(schedule.to_string(), text.clone());
                prop_assert_eq!(Schedule::parse(&schedule.to_string()), Ok(schedule));
            }
            // Nothing but the times can be wrong with it.
            Err(error) => prop_assert!(
                error.reason.contains("AWS rotates at most every 4 hours") || error.reason.contains("no date matches"),
                "{}", error
            ),
        }
    }

    #[test]
    fn any_text_is_read_or_refused_on_its_field(text in "[0-9A-Z()#?*/,a-z -]{0,40}") {
        match Schedule::parse(&text) {
            Ok(schedule) => prop_assert_eq!(Schedule::parse(&schedule.to_string()), Ok(schedule)),
            Err(error) => prop_assert_eq!(error.field, "schedule"),
        }
    }

    #[test]
    fn a_length_of_time_that_aws_takes_comes_back_from_it(amount in 1..=1100_i64, in_days in any::<bool>()) {
        let period = hours(if in_days { amount * 24 } else { amount });
        if let Ok(schedule) = Schedule::of(&every(period)) {
            // 1,000 days are sent as a number.
            prop_assume!(period < hours(24_000));
            prop_assert_eq!(Schedule::rotation_schedule(&schedule.to_string()), every(period));
        }
    }

    #[test]
    fn a_window_that_passes_is_whole_hours_within_the_day(text in expression(), length in 0..30_i64) {
        if let Ok(schedule) = Schedule::parse(&text)
            && let Ok(window) = schedule.window(hours(length))
        {
            prop_assert_eq!(window.to_string(), format!("{length}h"));
            prop_assert_eq!(Window::parse(&window.to_string()), Some(hours(length)));
            prop_assert!((1..=24).contains(&length));
        }
    }
}
