//! Commands for GitHub Actions, which shows them as annotations at the lines of a pull request
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>).
//!
//! GitHub shows ten errors, ten warnings and ten notices of a step and drops the rest without a word. So the gravest become annotations, the
//! others lines of the log, and the summary says how many. A log line that looks like a command would be one: texts are escaped either way.

use super::Report;
use super::human::summary;
use crate::finding::{Certainty, Finding, Severity, display_path};

/// How many annotations of each level GitHub shows of one step.
const SHOWN_OF_A_LEVEL: usize = 10;

/// The whole report, a line for each finding that counts and one with the summary.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut findings: Vec<&Finding> =
        report.findings().map(|(_, finding)| finding).filter(|finding| finding.is_active()).collect();
    // The gravest first, whichever plan they are of: they get the annotations.
    findings.sort_by_key(|finding| (finding.certainty, std::cmp::Reverse(finding.severity)));
    let mut used = [0; 3];
    let mut text = String::new();
    let mut log = String::new();
    let mut logged = 0;
    for finding in findings {
        let level = Level::of(finding);
        let count = &mut used[level as usize];
        *count += 1;
        if *count <= SHOWN_OF_A_LEVEL {
            text.push_str(&annotation(level, finding));
        } else {
            logged += 1;
            log.push_str(&log_line(finding));
        }
    }
    text.push_str(&log);
    text.push_str(&escape_line(&format!("secretlint: {}", summary(report))));
    if logged > 0 {
        text.push_str(&format!(
            "; {logged} of them only here and not as annotations, of which GitHub shows {SHOWN_OF_A_LEVEL} of each level"
        ));
    }
    text.push('\n');
    text
}

#[derive(Clone, Copy)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    const fn of(finding: &Finding) -> Self {
        match (finding.certainty, finding.severity) {
            (Certainty::Undetermined, _) | (_, Severity::Low) => Self::Notice,
            (_, Severity::Medium) => Self::Warning,
            (_, Severity::High | Severity::Critical) => Self::Error,
        }
    }

    const fn command(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

fn annotation(level: Level, finding: &Finding) -> String {
    let mut properties = String::new();
    if let Some(place) = &finding.location {
        properties = format!(
            "file={},line={},col={},endLine={},endColumn={},",
            escape_property(&place.file.to_string_lossy().replace('\\', "/")),
            place.line,
            place.column,
            place.end_line,
            place.end_column
        );
    }
    let title = format!("{} ({})", finding.rule, severity(finding));
    let message = escape_data(&sentence(finding));
    format!("::{} {properties}title={}::{message}\n", level.command(), escape_property(&title))
}

fn log_line(finding: &Finding) -> String {
    let place = finding.location.as_ref().map_or_else(String::new, |place| {
        format!("{}:{}:{}: ", place.file.display(), place.line, place.column)
    });
    escape_line(&format!("{place}{} {}: {}", severity(finding), finding.rule, sentence(finding))) + "\n"
}

fn severity(finding: &Finding) -> String {
    match finding.certainty {
        Certainty::Violation => finding.severity.to_string(),
        Certainty::Undetermined => format!("undetermined, {}", finding.severity),
    }
}

fn sentence(finding: &Finding) -> String {
    let path = display_path(&finding.path);
    let comma = if path.is_empty() { "" } else { ", " };
    format!("{} (in {}{comma}{path})", finding.message, finding.address)
}

/// As the runner's own `escapeData` does it.
fn escape_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As the runner's own `escapeProperty` does it.
fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// One line that holds no command: `::` is one at the beginning of a line, the older `##[` anywhere.
fn escape_line(text: &str) -> String {
    let line: String =
        text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    let line = line.replace("##[", "# #[");
    let line = line.trim_start();
    if line.starts_with("::") { format!("\\{line}") } else { line.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_become_a_command_or_another_property() {
        assert_eq!(escape_property("a:b,c%\r\n"), "a%3Ab%2Cc%25%0D%0A");
        assert_eq!(escape_data("a\n::error::x"), "a%0A::error::x");
        assert_eq!(escape_line("  ::set-env name=x::y"), "\\::set-env name=x::y");
        assert_eq!(escape_line("a ##[error]b\nc"), "a # #[error]b c");
    }
}
