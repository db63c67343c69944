//! How long a decision holds. A date is a day in UTC, and the decision holds through the whole of it. The day on which a run takes place is
//! given to everything here: only the command line asks the clock.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

const SECONDS_PER_DAY: u64 = 24 * 60 * 60;

/// What a team allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// A decision that ends in so many days or fewer is warned of.
    pub warn_days: u32,
    /// The longest time a decision may hold from today, in days.
    pub max_days: u32,
}

impl Default for Terms {
    /// Two weeks to react, and a year until somebody must think again.
    fn default() -> Self {
        Self { warn_days: 14, max_days: 365 }
    }
}

/// Where a decision stands on its way to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It holds.
    Holds,
    /// It holds, and ends soon.
    EndsSoon,
    /// Its last day is over.
    Expired,
}

impl Terms {
    /// Where a decision that ends on `until` stands on the day `today`.
    #[must_use]
    pub fn standing(self, until: Date, today: Date) -> Standing {
        if until < today {
            Standing::Expired
        } else if until <= self.last_day(today, self.warn_days) {
            Standing::EndsSoon
        } else {
            Standing::Holds
        }
    }

    /// The last day that a decision may name on the day `today`.
    #[must_use]
    pub fn latest(self, today: Date) -> Date {
        self.last_day(today, self.max_days)
    }

    fn last_day(self, today: Date, days: u32) -> Date {
        today.saturating_add(Duration::from_secs(u64::from(days) * SECONDS_PER_DAY))
    }
}

/// The date in UTC, by the clock of this machine.
#[must_use]
pub fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// Reads `2027-01-31`, and no other way to write a date.
#[must_use]
pub fn parse_date(text: &str) -> Option<Date> {
    let is_plain = text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    text.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_decision_holds_through_its_last_day() {
        let terms = Terms::default();
        let today = date(2026, 11, 22);
        for (until, standing) in [
            (date(2026, 11, 21), Standing::Expired),
            (date(2026, 11, 22), Standing::EndsSoon),
            (date(2026, 12, 6), Standing::EndsSoon),
            (date(2026, 12, 7), Standing::Holds),
        ] {
            assert_eq!(terms.standing(until, today), standing, "{until}");
        }
        assert_eq!(terms.latest(today), date(2027, 11, 22));
    }

    #[test]
    fn a_term_beyond_the_calendar_is_its_end() {
        let terms = Terms { warn_days: 0, max_days: u32::MAX };
        assert_eq!(terms.latest(date(2026, 11, 22)), Date::MAX);
        assert_eq!(terms.standing(date(2026, 11, 22), date(2026, 11, 22)), Standing::EndsSoon);
    }

    #[test]
    fn a_date_is_written_in_one_way() {
        assert_eq!(parse_date("2027-01-31"), Some(date(2027, 1, 31)));
        assert_eq!(parse_date("2028-02-29"), Some(date(2028, 2, 29)));
        for text in [
            "2027-02-29",
            "2027-1-31",
            "20270131",
            "31.01.2027",
            "2027-01-31T00:00",
            "+2027-01-3",
            "",
            "soon",
            "２027-01-3",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }
}
