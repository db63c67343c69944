//! Rotation schedules as a longest gap in days: `rate(30 days)`, AWS and five-field cron, `30d`. What a rule asks of a schedule is how old a
//! value can get, so a cron expression counts with its longest gap, not its usual one.

use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::Date;

/// A schedule that cannot be turned into a period; says why without quoting it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScheduleError {
    /// Not in a form this linter knows.
    #[error("the schedule is not a rate, a cron expression or a duration")]
    Unreadable,
    /// It fires at most once, so there is no period.
    #[error("the schedule fires at most once")]
    Never,
}

/// Occurrences of a cron expression that are looked at: a year of hourly ones.
const MAX_OCCURRENCES: usize = 8_800;
/// Years a cron expression is followed; leap days come back within eight.
const YEARS: i16 = 12;

/// The longest time between two rotations, in days.
pub(crate) fn period_days(schedule: &str) -> Result<f64, ScheduleError> {
    let schedule = schedule.trim();
    if let Some(rate) = inside(schedule, "rate") {
        return rate_days(rate).ok_or(ScheduleError::Unreadable);
    }
    if let Some(cron) = inside(schedule, "cron") {
        return cron_days(cron, Dialect::Aws);
    }
    if schedule.starts_with('@') || schedule.split_whitespace().count() >= 5 {
        return cron_days(schedule, Dialect::Unix);
    }
    duration_days(schedule).ok_or(ScheduleError::Unreadable)
}

/// A duration such as `30d`, `12h`, `90m`, `1w`, `7776000s` or several of them, in days.
pub(crate) fn duration_days(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut days = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let (number, tail) = rest.split_at(digits);
        let unit_end = tail.find(|character: char| character.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        days += number.parse::<f64>().ok()? * unit_days(unit.trim())?;
        rest = tail;
    }
    (days > 0.0).then_some(days)
}

enum Dialect {
    /// Six fields, the last a year; days of the week are 1 (Sunday) to 7.
    Aws,
    /// Five fields, or six with seconds first; days of the week are 0 (Sunday) to 6.
    Unix,
}

fn inside<'a>(schedule: &'a str, function: &str) -> Option<&'a str> {
    schedule.strip_prefix(function)?.trim_start().strip_prefix('(')?.strip_suffix(')')
}

fn rate_days(rate: &str) -> Option<f64> {
    let (number, unit) = rate.trim().split_once(char::is_whitespace)?;
    let number: f64 = number.parse().ok()?;
    (number > 0.0).then_some(number * unit_days(unit.trim())?)
}

fn unit_days(unit: &str) -> Option<f64> {
    match unit {
        "s" | "second" | "seconds" => Some(1.0 / 86_400.0),
        "m" | "min" | "minute" | "minutes" => Some(1.0 / 1_440.0),
        "h" | "hour" | "hours" => Some(1.0 / 24.0),
        "d" | "day" | "days" => Some(1.0),
        "w" | "week" | "weeks" => Some(7.0),
        _ => None,
    }
}

fn cron_days(expression: &str, dialect: Dialect) -> Result<f64, ScheduleError> {
    let pattern = match dialect {
        // With seconds in front the six AWS fields are unambiguous.
        Dialect::Aws => format!("0 {}", expression.trim()),
        Dialect::Unix => expression.to_owned(),
    };
    let aws = matches!(dialect, Dialect::Aws);
    let parser = CronParser::builder()
        .seconds(if aws { Seconds::Required } else { Seconds::Optional })
        .year(if aws { Year::Required } else { Year::Disallowed })
        .alternative_weekdays(aws)
        // AWS writes `0/4` for every fourth.
        .sloppy_ranges(aws)
        .build();
    let cron = parser.parse(&pattern).map_err(|_| ScheduleError::Unreadable)?;
    let start = Date::constant(2024, 1, 1)
        .at(0, 0, 0, 0)
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_err(|_| ScheduleError::Unreadable)?;
    let end = Date::constant(2024 + YEARS, 1, 1);
    let mut longest: Option<f64> = None;
    let mut previous: Option<jiff::Zoned> = None;
    for occurrence in cron.iter_from(start, croner::Direction::Forward).take(MAX_OCCURRENCES) {
        if occurrence.date() >= end {
            break;
        }
        if let Some(previous) = &previous {
            let gap = occurrence.timestamp().duration_since(previous.timestamp()).as_secs_f64() / 86_400.0;
            longest = Some(longest.map_or(gap, |longest| longest.max(gap)));
        }
        previous = Some(occurrence);
    }
    longest.ok_or(ScheduleError::Never)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schedule: &str, expected: Result<f64, ScheduleError>) {
        let actual = period_days(schedule);
        match (actual, expected) {
            (Ok(actual), Ok(expected)) => assert!((actual - expected).abs() < 1e-9, "{schedule}: {actual}"),
            (actual, expected) => assert_eq!(actual, expected, "{schedule}"),
        }
    }

    #[test]
    fn rates_and_durations_are_periods() {
        check("rate(30 days)", Ok(30.0));
        check("rate(1 day)", Ok(1.0));
        check("rate(12 hours)", Ok(0.5));
        check("30d", Ok(30.0));
        check("2w", Ok(14.0));
        check("1d12h", Ok(1.5));
        check("7776000s", Ok(90.0));
    }

    #[test]
    fn a_cron_expression_counts_with_its_longest_gap() {
        check("cron(0 8 1 * ? *)", Ok(31.0));
        check("cron(0 0/4 * * ? *)", Ok(4.0 / 24.0));
        check("cron(0 0 ? * 1#1 *)", Ok(35.0));
        check("cron(0 8 ? * 2 *)", Ok(7.0));
        check("0 3 * * 0", Ok(7.0));
        check("0 3 1 1,7 *", Ok(184.0));
        check("0 0 1 */3 *", Ok(92.0));
        check("@weekly", Ok(7.0));
    }

    #[test]
    fn what_never_comes_again_is_told() {
        check("cron(0 0 1 1 ? 2030)", Err(ScheduleError::Never));
        check("0 0 30 2 *", Err(ScheduleError::Never));
    }

    #[test]
    fn anything_else_is_unreadable() {
        for schedule in [
            "",
            "monthly",
            "rate(0 days)",
            "rate(days)",
            "rate(5 fortnights)",
            "cron(x)",
            "30",
            "d",
            "rate(30 days",
        ] {
            check(schedule, Err(ScheduleError::Unreadable));
        }
    }
}
