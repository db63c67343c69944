//! Edits of a policy's text, and the way back: where a byte of the edited text stood in what the user wrote. No edit adds or removes a line
//! break, so lines (of coverage, of messages) stay as they are and only columns need to be translated.

use std::ops::Range;

/// One replacement.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    /// Bytes that are replaced; empty for an insertion.
    pub(super) at: Range<usize>,
    /// What stands there instead.
    pub(super) replacement: String,
    /// Where a problem inside the replacement is shown: usually the start of `at`.
    pub(super) shown_at: usize,
}

impl Edit {
    pub(super) fn replace(at: Range<usize>, replacement: impl Into<String>) -> Self {
        let shown_at = at.start;
        Self { at, replacement: replacement.into(), shown_at }
    }

    /// Spaces instead of the text; line breaks stay.
    pub(super) fn blank(at: Range<usize>, text: &str) -> Self {
        let blank = text[at.clone()]
            .chars()
            .map(|character| if character == '\n' { '\n' } else { ' ' })
            .collect::<String>();
        Self::replace(at, blank)
    }
}

/// The edits of one pass, in the order of their places.
#[derive(Debug, Clone, Default)]
pub(super) struct Layer(Vec<Edit>);

impl Layer {
    /// Orders `edits` and makes up for line breaks that a replacement would lose.
    pub(super) fn new(mut edits: Vec<Edit>, text: &str) -> Self {
        edits.sort_by_key(|edit| (edit.at.start, edit.at.end));
        for edit in &mut edits {
            let lines = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count();
            let lost = lines(&text[edit.at.clone()]).saturating_sub(lines(&edit.replacement));
            edit.replacement.push_str(&"\n".repeat(lost));
        }
        Self(edits)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn apply(&self, text: &str) -> String {
        let mut edited = String::with_capacity(
            text.len() + self.0.iter().map(|edit| edit.replacement.len()).sum::<usize>(),
        );
        let mut done = 0;
        for edit in &self.0 {
            edited.push_str(&text[done..edit.at.start]);
            edited.push_str(&edit.replacement);
            done = edit.at.end;
        }
        edited.push_str(&text[done..]);
        edited
    }

    /// Where byte `offset` of the edited text stood before this pass.
    pub(super) fn before(&self, offset: usize) -> usize {
        let mut rest = offset;
        let mut done = 0;
        for edit in &self.0 {
            let kept = edit.at.start - done;
            if rest < kept {
                return done + rest;
            }
            rest -= kept;
            if rest < edit.replacement.len() {
                return edit.shown_at;
            }
            rest -= edit.replacement.len();
            done = edit.at.end;
        }
        done + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_of_the_edited_text_finds_its_origin() {
        let text = "ab cd ef";
        let layer = Layer::new(vec![Edit::replace(3..5, "long"), Edit::replace(0..0, "xx")], text);
        let edited = layer.apply(text);
        assert_eq!(edited, "xxab long ef");
        let origin = |needle: &str| layer.before(edited.find(needle).unwrap());
        assert_eq!((origin("ab"), origin("long"), origin("ng"), origin(" ef")), (0, 3, 3, 5));
        assert_eq!(layer.before(edited.len()), text.len());
    }

    #[test]
    fn no_edit_loses_a_line_break() {
        let text = "a\nb\nc";
        let layer = Layer::new(vec![Edit::replace(0..4, "x")], text);
        assert_eq!(layer.apply(text), "x\n\nc");
        assert_eq!(Layer::new(vec![Edit::blank(0..3, text)], text).apply(text), " \n \nc");
    }

    proptest::proptest! {
        #[test]
        fn what_is_not_edited_maps_to_itself(text in "[a-z\n]{0,40}", cuts in proptest::collection::vec((0_usize..40, 0_usize..5, "[A-Z]{0,6}"), 0..6)) {
            let mut edits = Vec::new();
            let mut free = 0;
            let mut cuts = cuts;
            cuts.sort();
            for (start, length, replacement) in cuts {
                if start >= free && start + length <= text.len() {
                    edits.push(Edit::replace(start..start + length, replacement));
                    free = start + length + 1;
                }
            }
            let layer = Layer::new(edits, &text);
            let edited = layer.apply(&text);
            for (offset, character) in edited.char_indices().filter(|(_, character)| character.is_ascii_lowercase()) {
                let origin = layer.before(offset);
                proptest::prop_assert_eq!(text[origin..].chars().next(), Some(character));
            }
            let lines = |text: &str| text.matches('\n').count();
            proptest::prop_assert_eq!(lines(&edited), lines(&text));
        }
    }
}
