//! A slice of the plan's text, kept as two offsets. The plan owns its text once and everything else points into it; a struct cannot borrow
//! from itself, so the pointing is done with numbers.

/// Start and end of a JSON value in the plan's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    start: usize,
    end: usize,
}

impl Span {
    /// The span of `part`, which must be a slice of `whole`; the empty span for anything else.
    pub(super) fn of(whole: &str, part: &str) -> Self {
        let Some(start) = part.as_ptr().addr().checked_sub(whole.as_ptr().addr()) else {
            return Self::default();
        };
        let end = start.saturating_add(part.len());
        if end <= whole.len() { Self { start, end } } else { Self::default() }
    }

    /// The text it stands for.
    pub(crate) fn text(self, whole: &str) -> &str {
        whole.get(self.start..self.end).unwrap_or_default()
    }
}
