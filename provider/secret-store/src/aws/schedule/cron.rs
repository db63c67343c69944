//! AWS's `cron(Minutes Hours Day-of-month Month Day-of-week Year)`, as Secrets Manager takes it: in UTC, on the hour, every year, and not
//! oftener than every four hours. An expression is kept as its fields, so what is printed is what was parsed.
//!
//! Source: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html>.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::SHORTEST_HOURS;

/// Hours of a day.
const DAY: u8 = 24;
const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// A cron expression that has windows, on the hour, at least four hours apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::aws) struct Cron {
    hours: Vec<Item>,
    days: Days,
    months: Vec<Item>,
    opens: Opens,
}

/// When windows open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Opens {
    /// The last one of a day.
    last_hour: u8,
    /// Hours between two, where it can be less than a day.
    least_gap: u8,
}

/// Which days: one of the two fields for them has a `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Days {
    OfMonth(Vec<DayOfMonth>),
    OfWeek(Vec<DayOfWeek>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DayOfMonth {
    Items(Item),
    /// `L`
    Last,
    /// `SUNL`
    LastOf(Value),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DayOfWeek {
    Items(Item),
    /// `L`: Saturday.
    Last,
    /// `SUNL`: the last one of the month.
    LastOf(Value),
    /// `TUE#3`: the third one of the month.
    Nth(Value, u8),
}

/// `*`, `3`, `3-5`, each perhaps with `/2`; or `/2` alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Item {
    range: Range,
    step: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    /// Before a `/`.
    Nothing,
    All,
    One(Value),
    From(Value, Value),
}

/// A number, and whether it is written as a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Value {
    number: u8,
    name: Option<&'static str>,
}

/// What a field may hold.
#[derive(Clone, Copy)]
struct Field {
    /// As AWS calls it, in small letters.
    title: &'static str,
    least: u8,
    most: u8,
    names: &'static [&'static str],
}

const HOURS: Field = Field { title: "hours", least: 0, most: 23, names: &[] };
const DAY_OF_MONTH: Field = Field { title: "day-of-month", least: 1, most: 31, names: &[] };
const MONTH: Field = Field { title: "month", least: 1, most: 12, names: &MONTHS };
const DAY_OF_WEEK: Field = Field { title: "day-of-week", least: 1, most: 7, names: &WEEKDAYS };

impl FromStr for Cron {
    /// Which field is wrong, why, and what to write.
    type Err = String;

    /// Reads what stands between the parentheses of `cron(…)`.
    fn from_str(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, of_month, month, of_week, year] = fields.as_slice() else {
            return Err(format!(
                "it has {} fields; write six, `cron(Minutes Hours Day-of-month Month Day-of-week Year)`, such as `cron(0 3 ? * MON *)`",
                fields.len()
            ));
        };
        if *minutes != "0" {
            return Err(format!("minutes are `{minutes}`, and windows open on the hour: write `0`"));
        }
        if *year != "*" {
            return Err(format!("year is `{year}`, and every year is meant: write `*`"));
        }
        let days = match (*of_month, *of_week) {
            ("?", "?") => {
                return Err(
                    "day-of-month and day-of-week both are `?`: write days in one of them, `*` for every day"
                        .to_owned(),
                );
            }
            (of_month, "?") => Days::OfMonth(list(of_month, day_of_month)?),
            ("?", of_week) => Days::OfWeek(list(of_week, day_of_week)?),
            _ => {
                return Err(format!(
                    "day-of-month is `{of_month}` and day-of-week is `{of_week}`: only one of them says the days, write `?` in the other"
                ));
            }
        };
        let hours = list(hours, |text| HOURS.item(text))?;
        let months = list(month, |text| MONTH.item(text))?;
        let opens = Opens::of(&hours, &days, &months)?;
        Ok(Self { hours, days, months, opens })
    }
}

/// The name of a day of the week; 0 is Sunday.
pub(super) fn weekday(number: usize) -> Option<&'static str> {
    WEEKDAYS.get(number).copied()
}

impl Cron {
    /// The hour at which the last window of a day opens.
    pub(super) fn last_hour(&self) -> u8 {
        self.opens.last_hour
    }

    /// Fewest hours from one opening to the next; 24 for a day or more.
    pub(super) fn least_gap(&self) -> u8 {
        self.opens.least_gap
    }
}

impl Opens {
    fn of(hours: &[Item], days: &Days, months: &[Item]) -> Result<Self, String> {
        let open: Vec<u8> =
            (0..DAY).filter(|hour| hours.iter().any(|item| item.holds(HOURS, *hour))).collect();
        let (Some(first), Some(last)) = (open.first().copied(), open.last().copied()) else {
            return Err("hours name no hour: write one, such as `3`".to_owned());
        };
        let within = open.iter().zip(open.iter().skip(1)).map(|(one, next)| next - one).min();
        let overnight = first + DAY - last;
        let dates = Dates::of(days, months);
        if matches!(dates, Dates::None) {
            return Err(
                "no date matches day-of-month and month: write a day that the month has, or `L` for its last"
                    .to_owned(),
            );
        }
        let overnight = matches!(dates, Dates::InARow).then_some(overnight);
        let least_gap = within.into_iter().chain(overnight).min().unwrap_or(DAY);
        if least_gap < SHORTEST_HOURS {
            let count = |gap: u8| if gap == 1 { "1 hour".to_owned() } else { format!("{gap} hours") };
            let why = if within == Some(least_gap) {
                format!("hours lie {} apart", count(least_gap))
            } else {
                format!(
                    "hours start again every day, and {} after {last}:00 comes {first}:00",
                    count(least_gap)
                )
            };
            return Err(format!(
                "{why}, and AWS rotates at most every {SHORTEST_HOURS} hours: write fewer, such as `0/{}`",
                SHORTEST_HOURS
            ));
        }
        Ok(Self { last_hour: last, least_gap })
    }
}

/// How the days lie that match.
enum Dates {
    None,
    Apart,
    InARow,
}

impl Dates {
    /// Looks at 28 years, in which the calendar repeats.
    fn of(days: &Days, months: &[Item]) -> Self {
        let mut found = Self::None;
        let mut before = false;
        let mut day = date(2000, 1, 1);
        let end = date(2028, 1, 1);
        while day < end {
            let matches = months.iter().any(|item| item.holds(MONTH, small(day.month()))) && days.holds(day);
            if matches && before {
                return Self::InARow;
            }
            if matches {
                found = Self::Apart;
            }
            before = matches;
            let Ok(next) = day.checked_add(1.day()) else { break };
            day = next;
        }
        found
    }
}

impl Days {
    fn holds(&self, day: Date) -> bool {
        let of_month = small(day.day());
        let from_end = small(day.days_in_month()) - of_month;
        let weekday = small(day.weekday().to_sunday_one_offset());
        match self {
            Self::OfMonth(items) => items.iter().any(|item| match item {
                DayOfMonth::Items(item) => item.holds(DAY_OF_MONTH, of_month),
                DayOfMonth::Last => from_end == 0,
                DayOfMonth::LastOf(wanted) => wanted.number == weekday && from_end < 7,
            }),
            Self::OfWeek(items) => items.iter().any(|item| match item {
                DayOfWeek::Items(item) => item.holds(DAY_OF_WEEK, weekday),
                DayOfWeek::Last => weekday == DAY_OF_WEEK.most,
                DayOfWeek::LastOf(wanted) => wanted.number == weekday && from_end < 7,
                DayOfWeek::Nth(wanted, nth) => wanted.number == weekday && (of_month - 1) / 7 + 1 == *nth,
            }),
        }
    }
}

/// A day, month or weekday as it is counted here.
fn small(number: i8) -> u8 {
    number.unsigned_abs()
}

fn list<T>(text: &str, item: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    text.split(',').map(item).collect()
}

fn day_of_month(text: &str) -> Result<DayOfMonth, String> {
    match text.strip_suffix('L') {
        Some("") => Ok(DayOfMonth::Last),
        Some(name) if WEEKDAYS.contains(&name) => DAY_OF_WEEK.value(name, text).map(DayOfMonth::LastOf),
        _ => DAY_OF_MONTH.item(text).map(DayOfMonth::Items),
    }
}

fn day_of_week(text: &str) -> Result<DayOfWeek, String> {
    if text == "L" {
        return Ok(DayOfWeek::Last);
    }
    if let Some((day, nth)) = text.split_once('#') {
        let day = DAY_OF_WEEK.value(day, text)?;
        return match nth.parse() {
            Ok(number @ 1..=5) if nth.len() == 1 => Ok(DayOfWeek::Nth(day, number)),
            _ => Err(format!(
                "day-of-week is `{text}`, and a month has at most five of a day: write `#1` to `#5` after it"
            )),
        };
    }
    match text.strip_suffix('L') {
        Some(day) => DAY_OF_WEEK.value(day, text).map(DayOfWeek::LastOf),
        None => DAY_OF_WEEK.item(text).map(DayOfWeek::Items),
    }
}

impl Field {
    fn item(self, text: &str) -> Result<Item, String> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(self.step(step, text)?)),
            None => (text, None),
        };
        let range = match range {
            "" if step.is_some() => Range::Nothing,
            "*" => Range::All,
            range => match range.split_once('-') {
                None => Range::One(self.value(range, text)?),
                Some((from, to)) => {
                    let (from, to) = (self.value(from, text)?, self.value(to, text)?);
                    if from.number > to.number {
                        return Err(format!(
                            "{} is `{text}`, which runs backwards: write the smaller one first, or a list with `,`",
                            self.title
                        ));
                    }
                    Range::From(from, to)
                }
            },
        };
        Ok(Item { range, step })
    }

    fn step(self, step: &str, text: &str) -> Result<u8, String> {
        match step.parse() {
            Ok(number) if (1..=self.most).contains(&number) && !step.starts_with(['0', '+']) => Ok(number),
            _ => Err(format!(
                "{} is `{text}`: after `/` write every how many, a number from 1 to {}",
                self.title, self.most
            )),
        }
    }

    fn value(self, value: &str, text: &str) -> Result<Value, String> {
        if let Some(position) = self.names.iter().position(|name| *name == value) {
            let number = u8::try_from(position).unwrap_or_default() + 1;
            return Ok(Value { number, name: self.names.get(position).copied() });
        }
        match value.parse() {
            // What is printed again has no zeros in front.
            Ok(number)
                if (self.least..=self.most).contains(&number)
                    && (value == "0" || !value.starts_with(['0', '+'])) =>
            {
                Ok(Value { number, name: None })
            }
            _ => Err(format!("{} is `{text}`: {}", self.title, self.instead(value))),
        }
    }

    /// What to write instead of a value that is none.
    fn instead(self, value: &str) -> String {
        let capitals = value.to_ascii_uppercase();
        if self.names.contains(&capitals.as_str()) {
            return format!("write `{capitals}` in capitals");
        }
        let Self { least, most, .. } = self;
        if value == "?" {
            return format!("`?` stands alone, in one of the fields for days; write {least} to {most}");
        }
        if value.ends_with('W') {
            return "Secrets Manager has no `W` (nearest weekday); write the days of the week in day-of-week, such as `MON-FRI`".to_owned();
        }
        match (self.names.first(), self.names.last()) {
            (Some(first), Some(last)) => format!("write {least} to {most}, or {first} to {last}"),
            _ => format!("write {least} to {most}, without zeros in front"),
        }
    }
}

impl Item {
    /// Whether the item stands for a number.
    fn holds(self, field: Field, number: u8) -> bool {
        let (from, to) = match self.range {
            Range::Nothing | Range::All => (field.least, field.most),
            // With a step it goes on to the end.
            Range::One(value) if self.step.is_some() => (value.number, field.most),
            Range::One(value) => (value.number, value.number),
            Range::From(from, to) => (from.number, to.number),
        };
        (from..=to).contains(&number) && (number - from).is_multiple_of(self.step.unwrap_or(1))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => formatter.write_str(name),
            None => self.number.fmt(formatter),
        }
    }
}

impl fmt::Display for Item {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.range {
            Range::Nothing => {}
            Range::All => formatter.write_str("*")?,
            Range::One(value) => value.fmt(formatter)?,
            Range::From(from, to) => write!(formatter, "{from}-{to}")?,
        }
        match self.step {
            Some(step) => write!(formatter, "/{step}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for DayOfMonth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Items(item) => item.fmt(formatter),
            Self::Last => formatter.write_str("L"),
            Self::LastOf(day) => write!(formatter, "{day}L"),
        }
    }
}

impl fmt::Display for DayOfWeek {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Items(item) => item.fmt(formatter),
            Self::Last => formatter.write_str("L"),
            Self::LastOf(day) => write!(formatter, "{day}L"),
            Self::Nth(day, nth) => write!(formatter, "{day}#{nth}"),
        }
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (of_month, of_week) = match &self.days {
            Days::OfMonth(items) => (joined(items), "?".to_owned()),
            Days::OfWeek(items) => ("?".to_owned(), joined(items)),
        };
        let (hours, months) = (joined(&self.hours), joined(&self.months));
        write!(formatter, "cron(0 {hours} {of_month} {months} {of_week} *)")
    }
}

fn joined(items: &[impl fmt::Display]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
