//! Something wrong in a file that belongs to the linter's user and holds no secret: a policy, the configuration file. Shown with an excerpt.

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

/// One thing that is wrong at one place of a file that the user wrote.
#[derive(Debug)]
pub struct Problem {
    message: String,
    help: Option<String>,
    source: NamedSource<String>,
    pub(crate) span: std::ops::Range<usize>,
}

impl Problem {
    /// A problem at bytes `span` of the file `name` with contents `text`.
    #[must_use]
    pub fn new(message: impl Into<String>, name: &str, text: &str, span: std::ops::Range<usize>) -> Self {
        let end = span.end.min(text.len());
        let start = span.start.min(end);
        let message = message.into();
        match clipped(text, start) {
            None => Self {
                message,
                help: None,
                source: NamedSource::new(name, text.to_owned()),
                span: start..end,
            },
            // An excerpt shows whole lines, and nobody reads one of a megabyte.
            Some((excerpt, place)) => {
                let line = text[..start].matches('\n').count() + 1;
                let column = text[..start].lines().last().map_or(0, |line| line.chars().count()) + 1;
                let length = (end - start).min(excerpt.len() - place);
                Self {
                    message: format!("{message} (at {name}:{line}:{column})"),
                    help: None,
                    source: NamedSource::new(name, excerpt),
                    span: place..place + length,
                }
            }
        }
    }

    /// The problem is in the file `name`.
    #[must_use]
    pub fn is_in(&self, name: &str) -> bool {
        self.source.name() == name
    }

    /// The same with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Longest line of a file that is shown as it is, in bytes.
const LONGEST_LINE: usize = 2000;
/// Bytes that are shown before and behind a place in a longer one.
const AROUND: usize = 60;

/// The surroundings of byte `place`, and where it is in them, if a line near it is too long to be shown.
fn clipped(text: &str, place: usize) -> Option<(String, usize)> {
    // Excerpts have a line or two before and behind the place.
    let long = |side: &mut dyn Iterator<Item = &str>| side.take(3).any(|line| line.len() > LONGEST_LINE);
    if !long(&mut text[..place].rsplit('\n')) && !long(&mut text[place..].split('\n')) {
        return None;
    }
    let line_start = text[..place].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[place..].find('\n').map_or(text.len(), |length| place + length);
    let from = text.floor_char_boundary(place.saturating_sub(AROUND)).max(line_start);
    let to = text.ceil_char_boundary((place + AROUND).min(text.len())).min(line_end);
    Some((text[from..to].to_owned(), place - from))
}

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::new(
            Some("here".to_owned()),
            self.span.start,
            self.span.len(),
        ))))
    }
}
