//! When AWS rotates a secret: `rate(…)`, `cron(…)` or a number of days, and the window after it. Checked here because AWS says no more than
//! that an expression is invalid, and because Terraform can then say it before anything is changed.
//!
//! Source: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html>,
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html>.

mod cron;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::RangeInclusive;

use aws_sdk_secretsmanager::types::RotationRulesType;
use jiff::SignedDuration;

use self::cron::Cron;
use crate::error::Invalid;
use crate::rotation::RotationSchedule;

/// AWS rotates at most that often.
const SHORTEST_HOURS: u8 = 4;
/// What `rate(N hours)` takes; 24 hours are a day.
const HOURS: RangeInclusive<u8> = SHORTEST_HOURS..=23;
/// What `AutomaticallyAfterDays` takes.
const DAYS: RangeInclusive<u16> = 1..=1000;
/// What `rate(N days)` takes, the only way to days with a window.
const RATE_DAYS: RangeInclusive<u16> = 1..=999;
/// Hours of a day, and so of the longest window.
const DAY: u8 = 24;

/// A schedule that AWS takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Schedule {
    /// Every so many hours, 4 to 23.
    Hours(u8),
    /// Every so many days, 1 to 1,000.
    Days(u16),
    /// As a cron expression says.
    Cron(Box<Cron>),
}

/// How long a window is open, in whole hours: 1 to 24.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window(u8);

impl Schedule {
    /// The schedule of a rotation as the caller has it: a length of time, or the text `cron(…)`.
    ///
    /// # Errors
    /// [`Invalid`] on field `schedule`.
    pub(super) fn of(schedule: &RotationSchedule) -> Result<Self, Invalid> {
        match schedule {
            RotationSchedule::Every(period) => Self::every(*period),
            RotationSchedule::Cron(text) => Self::parse(text),
        }
    }

    /// Reads `rate(…)` or `cron(…)`.
    ///
    /// # Errors
    /// [`Invalid`] on field `schedule`: which field of the expression is wrong, why, and what to write.
    pub(super) fn parse(text: &str) -> Result<Self, Invalid> {
        if let Some(rate) = inside(text, "rate") {
            return Self::rate(rate)
                .ok_or_else(|| invalid(format!("`{text}` is not a rate of AWS: write `rate(N hours)` with N from {} to {}, or `rate(N days)` with N from {} to {}", HOURS.start(), HOURS.end(), RATE_DAYS.start(), RATE_DAYS.end())));
        }
        let Some(fields) = inside(text, "cron") else { return Err(invalid(not_an_expression(text))) };
        match fields.parse() {
            Ok(cron) => Ok(Self::Cron(Box::new(cron))),
            Err(reason) => Err(invalid(format!("in `{text}`, {reason}"))),
        }
    }

    fn every(period: SignedDuration) -> Result<Self, Invalid> {
        let seconds = period.as_secs();
        let whole = period.subsec_nanos() == 0;
        let days = (whole && seconds % 86_400 == 0).then(|| u16::try_from(seconds / 86_400).ok()).flatten();
        let hours = (whole && seconds % 3_600 == 0).then(|| u8::try_from(seconds / 3_600).ok()).flatten();
        match (days, hours) {
            (Some(days), _) if DAYS.contains(&days) => Ok(Self::Days(days)),
            (_, Some(hours)) if HOURS.contains(&hours) => Ok(Self::Hours(hours)),
            _ if period < SignedDuration::from_hours(SHORTEST_HOURS.into()) => Err(invalid(format!(
                "`{period:#}` is too short: AWS rotates at most every {SHORTEST_HOURS} hours; write `rate({SHORTEST_HOURS} hours)` or more"
            ))),
            _ if period > SignedDuration::from_hours(i64::from(DAY) * i64::from(*DAYS.end())) => {
                Err(invalid(format!(
                    "`{period:#}` is too long: AWS waits at most {} days; write `rate({} days)` or less",
                    DAYS.end(),
                    RATE_DAYS.end()
                )))
            }
            _ => Err(invalid(format!(
                "`{period:#}` is neither {} to {} whole hours nor whole days: write one of the two, such as `rate(12 hours)` or `rate(2 days)`",
                HOURS.start(),
                HOURS.end()
            ))),
        }
    }

    /// AWS wants the unit in the singular after 1, and in the plural else.
    fn rate(text: &str) -> Option<Self> {
        let (number, unit) = text.split_once(char::is_whitespace)?;
        let number: u16 = number.parse().ok().filter(|_| !number.starts_with(['0', '+']))?;
        match (number, unit.trim()) {
            (1, "day") => Some(Self::Days(1)),
            (2.., "days") if RATE_DAYS.contains(&number) => Some(Self::Days(number)),
            (2.., "hours") => {
                u8::try_from(number).ok().filter(|hours| HOURS.contains(hours)).map(Self::Hours)
            }
            _ => None,
        }
    }

    /// The same as callers know it. Every text that AWS keeps is a schedule there, also one of a grammar that is newer than this.
    pub(super) fn rotation_schedule(expression: &str) -> RotationSchedule {
        match inside(expression, "rate").and_then(Self::rate) {
            Some(Self::Hours(hours)) => RotationSchedule::Every(SignedDuration::from_hours(hours.into())),
            Some(Self::Days(days)) => every_days(days.into()),
            _ => RotationSchedule::Cron(expression.to_owned()),
        }
    }

    /// The window of a rotation.
    ///
    /// # Errors
    /// [`Invalid`] on field `window`: it does not end before the next one opens, or before the day does.
    pub(super) fn window(&self, length: SignedDuration) -> Result<Window, Invalid> {
        let wrong = |reason: String| Invalid::new("window", reason);
        let hours = length.as_secs() / 3_600;
        let hours = u8::try_from(hours).ok().filter(|hours| {
            (1..=DAY).contains(hours) && SignedDuration::from_hours((*hours).into()) == length
        });
        let Some(hours) = hours else {
            return Err(wrong(format!(
                "`{length:#}` is not a window of AWS: it is open for whole hours, `1h` to `{DAY}h`"
            )));
        };
        match self {
            Self::Hours(period) if hours > *period => Err(wrong(format!(
                "a window of {hours} hours is still open when the next one opens, {period} hours after it: write `{period}h` or less"
            ))),
            Self::Days(days) if !RATE_DAYS.contains(days) => Err(Invalid::new(
                "schedule",
                format!(
                    "with a window AWS takes at most {} days; write `rate({} days)`, or leave `window` out",
                    RATE_DAYS.end(),
                    RATE_DAYS.end()
                ),
            )),
            Self::Hours(_) | Self::Days(_) => Ok(Window(hours)),
            Self::Cron(cron) => {
                let (last, gap) = (cron.last_hour(), cron.least_gap());
                let until_midnight = DAY - last;
                if hours > until_midnight {
                    return Err(wrong(format!(
                        "a window that opens at {last}:00 and is open for {hours} hours runs into the next day (UTC): write `{}h` or less",
                        until_midnight.min(gap)
                    )));
                }
                if hours > gap {
                    return Err(wrong(format!(
                        "a window of {hours} hours is still open when the next one opens, {gap} hours after it: write `{gap}h` or less"
                    )));
                }
                Ok(Window(hours))
            }
        }
    }

    /// What is sent. AWS knows a window after an expression only, and refuses days together with an expression.
    pub(super) fn rules(&self, window: Option<Window>) -> RotationRulesType {
        let rules = RotationRulesType::builder();
        match (self, window) {
            (Self::Days(days), None) => rules.automatically_after_days(i64::from(*days)),
            (schedule, window) => rules
                .schedule_expression(schedule.to_string())
                .set_duration(window.map(|window| window.to_string())),
        }
        .build()
    }
}

impl Window {
    /// Reads `3h` as AWS writes it; nothing where it is something else.
    pub(super) fn parse(text: &str) -> Option<SignedDuration> {
        text.strip_suffix('h')?.parse().ok().map(|hours: u8| SignedDuration::from_hours(hours.into()))
    }
}

/// Every so many days.
pub(super) fn every_days(days: i64) -> RotationSchedule {
    RotationSchedule::Every(SignedDuration::from_hours(days.saturating_mul(DAY.into())))
}

fn inside<'t>(text: &'t str, function: &str) -> Option<&'t str> {
    text.strip_prefix(function)?.strip_prefix('(')?.strip_suffix(')').map(str::trim)
}

fn invalid(reason: String) -> Invalid {
    Invalid::new("schedule", reason)
}

/// Five fields are the cron of others: the six of AWS are worked out where that is certain.
fn not_an_expression(text: &str) -> String {
    let fields: Vec<&str> = text.split_whitespace().collect();
    if let [minute, hour, day, month, weekday] = fields.as_slice() {
        let days = match (*day, *weekday) {
            (day, "*") => Some((day, "?".to_owned())),
            ("*", weekday) => match weekday.parse::<usize>() {
                // Sunday is 0 or 7 there.
                Ok(number) => cron::weekday(number % 7).map(|name| ("?", name.to_owned())),
                Err(_) => Some(("?", weekday.to_ascii_uppercase())),
            },
            _ => None,
        };
        let six = days.map(|(day, weekday)| format!("cron({minute} {hour} {day} {month} {weekday} *)"));
        let six = six.filter(|six| Schedule::parse(six).is_ok());
        let instead =
            six.unwrap_or_else(|| "cron(Minutes Hours Day-of-month Month Day-of-week Year)".to_owned());
        return format!("`{text}` has five fields, and the cron of AWS has six: write `{instead}`");
    }
    format!(
        "`{text}` is not a schedule of AWS: write `rate(30 days)`, `rate(12 hours)` or `cron(0 3 ? * MON *)`"
    )
}

impl fmt::Display for Schedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hours(hours) => write!(formatter, "rate({hours} hours)"),
            Self::Days(1) => formatter.write_str("rate(1 day)"),
            Self::Days(days) => write!(formatter, "rate({days} days)"),
            Self::Cron(cron) => cron.fmt(formatter),
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}h", self.0)
    }
}
