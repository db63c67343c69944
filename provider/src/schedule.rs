//! When a rotation is due. One text, three grammars: a duration (`30d`, `12h`), AWS's `rate(30 days)`, and cron, as five fields
//! or in AWS's `cron(…)` form. Parsed at the edge, so that a schedule that exists is one that fires.

use std::fmt;
use std::str::FromStr;

use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use secret_store::RotationSchedule;
use tf_plugin::Value;

/// Shortest period accepted, in seconds.
const SHORTEST_PERIOD: SignedDuration = SignedDuration::from_secs(1);

/// Longest period accepted: ten years. A longer one is a mistake in the unit more often than a plan.
const LONGEST_PERIOD: SignedDuration = SignedDuration::from_hours(24 * 3660);

/// A schedule that fires at least once more, in UTC.
#[derive(Debug, Clone)]
pub(crate) enum Schedule {
    /// A fixed time after the last rotation.
    Every(Period),
    /// The next match of a cron expression after the last rotation.
    Cron(Box<croner::Cron>),
}

/// A span of time of fixed length: a day is 24 hours, a week 7 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Period(SignedDuration);

/// Why a text is not a schedule or a period. The text says what to write instead.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum ScheduleError {
    /// None of the grammars.
    #[error(
        "`{text}` is not a schedule: write a duration (`30d`, `12h`), `rate(30 days)`, or a cron expression of five fields (`0 3 * * 1`)"
    )]
    Grammar {
        /// The text as given.
        text: String,
    },
    /// `rate(…)` with other contents than a number and a unit.
    #[error(
        "`{text}` is not a rate: write `rate(VALUE UNIT)` with a whole number and `minutes`, `hours` or `days`"
    )]
    Rate {
        /// The text as given.
        text: String,
    },
    /// A cron expression that does not parse.
    #[error("`{text}` is not a cron expression: {reason}")]
    Cron {
        /// The text as given.
        text: String,
        /// What the parser says.
        reason: String,
    },
    /// A cron expression that parses and has no match, such as 31 February.
    #[error("`{text}` never fires: no date from now on matches it")]
    NeverFires {
        /// The text as given.
        text: String,
    },
    /// A duration outside the limits.
    #[error("`{text}` is out of range: a period lies between 1 second and 10 years")]
    OutOfRange {
        /// The text as given.
        text: String,
    },
    /// A duration in units whose length varies.
    #[error(
        "`{text}` is not a fixed length of time: a month or a year varies, write days (`30d`) or a cron expression"
    )]
    Calendar {
        /// The text as given.
        text: String,
    },
}

impl Schedule {
    /// Reads a schedule, checking at `now` that it fires again.
    ///
    /// # Errors
    /// [`ScheduleError`], with the text and what to write instead.
    pub(crate) fn parse(text: &str, now: Timestamp) -> Result<Self, ScheduleError> {
        let trimmed = text.trim();
        if let Some(rate) = wrapped(trimmed, "rate") {
            return Ok(Self::Every(parse_rate(rate, text)?));
        }
        if let Some(expression) = wrapped(trimmed, "cron") {
            return parse_cron(expression, CronForm::Aws, text, now);
        }
        if trimmed.split_whitespace().count() == 5 && !trimmed.starts_with('P') {
            return parse_cron(trimmed, CronForm::Unix, text, now);
        }
        match trimmed.parse::<Period>() {
            Ok(period) => Ok(Self::Every(period)),
            Err(ScheduleError::Grammar { .. }) => Err(ScheduleError::Grammar { text: text.to_owned() }),
            Err(other) => Err(other),
        }
    }

    /// Reads a schedule for a store that rotates by itself. Which cron expressions there are in the form `cron(…)` is the store's to say:
    /// AWS's do not all have a meaning here.
    ///
    /// # Errors
    /// As [`Schedule::parse`].
    pub(crate) fn of_store(text: &str, now: Timestamp) -> Result<RotationSchedule, ScheduleError> {
        let single_spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(fields) = wrapped(text.trim(), "cron") {
            return Ok(RotationSchedule::Cron(format!("cron({})", single_spaced(fields))));
        }
        Ok(match Self::parse(text, now)? {
            Self::Every(period) => RotationSchedule::Every(period.0),
            Self::Cron(_) => RotationSchedule::Cron(single_spaced(text)),
        })
    }

    /// The first time after `last` at which a rotation is due; `None` once a cron expression has no further match.
    pub(crate) fn next_after(&self, last: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Every(period) => last.checked_add(period.0).ok(),
            Self::Cron(cron) => cron
                .find_next_occurrence(&last.to_zoned(TimeZone::UTC), false)
                .ok()
                .map(|zoned| zoned.timestamp()),
        }
    }
}

/// A store's schedule as a user would write it.
pub(crate) fn schedule_text(schedule: &RotationSchedule) -> String {
    match schedule {
        RotationSchedule::Every(duration) => Period(*duration).to_string(),
        RotationSchedule::Cron(expression) => expression.clone(),
    }
}

/// A length of time that the user wrote stays as he wrote it while it means what the store has.
pub(crate) fn same_length(written: &Value<String>, stored: Option<SignedDuration>) -> Value<String> {
    match (written.as_str(), stored) {
        (Some(text), Some(stored)) if text.parse::<Period>().is_ok_and(|period| period.0 == stored) => {
            written.clone()
        }
        (_, stored) => Value::from_option(stored.map(|stored| Period(stored).to_string())),
    }
}

impl Period {
    /// The length of it.
    pub(crate) fn duration(self) -> SignedDuration {
        self.0
    }

    fn within_limits(duration: SignedDuration, text: &str) -> Result<Self, ScheduleError> {
        if (SHORTEST_PERIOD..=LONGEST_PERIOD).contains(&duration) {
            Ok(Self(duration))
        } else {
            Err(ScheduleError::OutOfRange { text: text.to_owned() })
        }
    }
}

impl FromStr for Period {
    type Err = ScheduleError;

    /// Reads `30d`, `1w`, `12h 30m`, `90s` or ISO 8601 (`PT12H`).
    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let span: Span = text.trim().parse().map_err(|_| ScheduleError::Grammar { text: text.to_owned() })?;
        if span.get_months() != 0 || span.get_years() != 0 {
            return Err(ScheduleError::Calendar { text: text.to_owned() });
        }
        let duration = span
            .to_duration(SpanRelativeTo::days_are_24_hours())
            .map_err(|_| ScheduleError::OutOfRange { text: text.to_owned() })?;
        Self::within_limits(duration, text)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            s if s % 86_400 == 0 => write!(formatter, "{}d", s / 86_400),
            s if s % 3_600 == 0 => write!(formatter, "{}h", s / 3_600),
            s if s % 60 == 0 => write!(formatter, "{}m", s / 60),
            s => write!(formatter, "{s}s"),
        }
    }
}

/// The two cron dialects: they number the days of the week differently.
#[derive(Debug, Clone, Copy)]
enum CronForm {
    /// Five fields; Sunday is 0 or 7.
    Unix,
    /// `cron(minutes hours day-of-month month day-of-week year)`; Sunday is 1, `?` stands for "any".
    /// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html>
    Aws,
}

fn wrapped<'t>(text: &'t str, function: &str) -> Option<&'t str> {
    text.strip_prefix(function)?.trim_start().strip_prefix('(')?.strip_suffix(')').map(str::trim)
}

fn parse_rate(rate: &str, text: &str) -> Result<Period, ScheduleError> {
    let error = || ScheduleError::Rate { text: text.to_owned() };
    let (value, unit) = rate.split_once(char::is_whitespace).ok_or_else(error)?;
    let value: i64 = value.parse().map_err(|_| error())?;
    let seconds = match unit.trim() {
        "second" | "seconds" => 1,
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3_600,
        "day" | "days" => 86_400,
        _ => return Err(error()),
    };
    let total =
        value.checked_mul(seconds).ok_or_else(|| ScheduleError::OutOfRange { text: text.to_owned() })?;
    Period::within_limits(SignedDuration::from_secs(total), text)
}

fn parse_cron(
    expression: &str,
    form: CronForm,
    text: &str,
    now: Timestamp,
) -> Result<Schedule, ScheduleError> {
    let fields = expression.split_whitespace().count();
    let expected = match form {
        CronForm::Unix => 5,
        CronForm::Aws => 6,
    };
    if fields != expected {
        return Err(ScheduleError::Cron {
            text: text.to_owned(),
            reason: format!("it has {fields} fields, {expected} are needed"),
        });
    }
    let parsed = match form {
        CronForm::Unix => CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build()
            .parse(expression),
        // The parser knows a year only in a pattern that also has seconds.
        CronForm::Aws => CronParser::builder()
            .seconds(Seconds::Required)
            .year(Year::Required)
            .alternative_weekdays(true)
            .build()
            .parse(&format!("0 {expression}")),
    };
    let cron =
        parsed.map_err(|error| ScheduleError::Cron { text: text.to_owned(), reason: error.to_string() })?;
    let schedule = Schedule::Cron(Box::new(cron));
    match schedule.next_after(now) {
        Some(_) => Ok(schedule),
        None => Err(ScheduleError::NeverFires { text: text.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-21T10:00:00Z";

    fn check(text: &str, expected: Option<&str>) {
        let now: Timestamp = NOW.parse().unwrap();
        let next =
            Schedule::parse(text, now).unwrap_or_else(|error| panic!("{text}: {error}")).next_after(now);
        assert_eq!(next.map(|next| next.to_string()).as_deref(), expected, "{text}");
    }

    fn check_error(text: &str, expected: &str) {
        let error = Schedule::parse(text, NOW.parse().unwrap()).expect_err(text).to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }

    #[test]
    fn durations_and_rates_count_from_the_last_rotation() {
        check("30d", Some("2026-12-21T10:00:00Z"));
        check("1w", Some("2026-11-28T10:00:00Z"));
        check("12h 30m", Some("2026-11-21T22:30:00Z"));
        check("PT12H", Some("2026-11-21T22:00:00Z"));
        check("rate(30 days)", Some("2026-12-21T10:00:00Z"));
        check("rate( 4 hours )", Some("2026-11-21T14:00:00Z"));
        check("1s", Some("2026-11-21T10:00:01Z"));
    }

    #[test]
    fn cron_is_read_in_both_dialects() {
        check("0 3 * * 1", Some("2026-11-23T03:00:00Z"));
        check("0 3 1 * *", Some("2026-12-01T03:00:00Z"));
        check("cron(0 3 ? * 2 *)", Some("2026-11-23T03:00:00Z"));
        check("cron(0 8 1 * ? *)", Some("2026-12-01T08:00:00Z"));
    }

    #[test]
    fn a_schedule_that_never_fires_is_refused() {
        check_error("0 0 31 2 *", "never fires");
        check_error("cron(0 3 ? * 2 2019)", "never fires");
    }

    #[test]
    fn what_is_no_schedule_says_what_to_write() {
        check_error("", "is not a schedule");
        check_error("monthly", "is not a schedule");
        check_error("rate(thirty days)", "is not a rate");
        check_error("rate(30 fortnights)", "is not a rate");
        check_error("cron(0 3 * * 1)", "6 are needed");
        check_error("61 3 * * 1", "is not a cron expression");
        check_error("2mo", "varies");
        check_error("0s", "out of range");
        check_error("-30d", "out of range");
        check_error("rate(9223372036854775807 days)", "out of range");
    }

    #[test]
    fn a_period_prints_in_its_largest_unit() {
        for text in ["30d", "12h", "90m", "45s"] {
            assert_eq!(text.parse::<Period>().unwrap().to_string(), text);
        }
    }
}
