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
        Self {
            message: message.into(),
            help: None,
            source: NamedSource::new(name, text.to_owned()),
            span: start..end,
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
