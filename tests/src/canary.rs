//! Looking for a value in everything that a run left, in every form that a leak can take.
//!
//! The search itself is tested for each form: a canary that does not sing proves nothing.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// The shortest value whose base64 form, without the characters that its neighbours change, is still telling.
const SHORTEST: usize = 12;

/// A value that may be nowhere, prepared for the search.
pub struct Canary {
    forms: Vec<(Form, Vec<u8>)>,
    search: AhoCorasick,
}

/// How a value was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// As it is, in any case.
    Plain,
    /// Back to front.
    Reversed,
    /// As UTF-16, little-endian: what PowerShell writes.
    Utf16,
    /// As base64 or base64url, at any offset within a longer text.
    Base64,
    /// As base64 of base64: a Kubernetes secret that holds an encoded value.
    Base64Twice,
    /// As hexadecimal digits.
    Hexadecimal,
    /// Percent-encoded: only what must be, or every byte.
    Percent,
    /// As the inside of a JSON string, once or twice, with or without `\u` escapes.
    Json,
    /// As decimal bytes: what `Debug` prints of a `Vec<u8>`.
    Decimals,
    /// The SHA-256 of the value. A hash of a short or guessable value tells the value.
    Sha256,
}

/// One place in which the value was found. Says where and how, never what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// The file; for an entry of an archive, the archive followed by `!` and the entry.
    pub file: String,
    /// The offset of the first byte.
    pub offset: usize,
    /// How it was written down.
    pub form: Form,
}

impl Canary {
    /// Prepares the search for `value`.
    ///
    /// # Panics
    /// When the value is shorter than 12 bytes: it would be found by chance.
    pub fn new(value: &str) -> Self {
        assert!(value.len() >= SHORTEST, "a canary needs at least {SHORTEST} bytes");
        let forms = forms(value);
        let search = AhoCorasick::builder()
            // Hexadecimal digits and a value shouted in capitals; a chance hit on base64 is beyond belief at this length.
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(forms.iter().map(|(_, bytes)| bytes))
            .expect("a few short patterns");
        Self { forms, search }
    }

    /// Where `bytes` hold the value. `name` is what a [`Leak`] calls them.
    pub fn search(&self, name: &str, bytes: &[u8]) -> Vec<Leak> {
        let found = self.search.find_overlapping_iter(bytes);
        let mut leaks: Vec<Leak> = found
            .map(|at| Leak {
                file: name.to_owned(),
                offset: at.start(),
                form: self.forms[at.pattern().as_usize()].0,
            })
            .collect();
        leaks.extend(self.search_archive(name, bytes));
        leaks.sort();
        leaks.dedup();
        leaks
    }

    /// Where the files below `folder` hold the value, also inside zip archives (a saved plan is one). `excepted` tells
    /// the files that are meant to hold it, such as the configuration that states it.
    pub fn search_folder(&self, folder: &Path, excepted: impl Fn(&Path) -> bool) -> Vec<Leak> {
        let mut leaks = Vec::new();
        for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
            let entry = entry.expect("a readable folder");
            let relative = entry.path().strip_prefix(folder).expect("an entry is below its root");
            let name = relative.display().to_string();
            // Not the name itself: it would repeat the value.
            let parent = relative.parent().unwrap_or(relative).display();
            leaks.extend(self.search(&format!("(the name of an entry of `{parent}`)"), name.as_bytes()));
            if entry.file_type().is_file() && !excepted(relative) {
                let bytes = std::fs::read(entry.path()).expect("a readable file");
                leaks.extend(self.search(&name, &bytes));
            }
        }
        leaks
    }

    /// Expects that the value is nowhere below `folder` but in the `excepted` files.
    ///
    /// # Panics
    /// When it is; the message names each place, and not the value.
    #[track_caller]
    pub fn is_absent_from(&self, folder: &Path, excepted: impl Fn(&Path) -> bool) {
        let leaks = self.search_folder(folder, excepted);
        assert!(leaks.is_empty(), "the value leaked:\n{leaks:#?}");
    }

    fn search_archive(&self, name: &str, bytes: &[u8]) -> Vec<Leak> {
        if !bytes.starts_with(b"PK\x03\x04") {
            return Vec::new();
        }
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a complete archive");
        let mut leaks = Vec::new();
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).expect("an entry that can be read");
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("an entry that can be unpacked");
            leaks.extend(self.search(&format!("{name}!{}", entry.name()), &content));
        }
        leaks
    }
}

/// Whether a path below a [`crate::terraform::Workspace`] is configuration, which may state the value.
pub fn is_configuration(path: &Path) -> bool {
    path.starts_with("work")
        && path.extension().is_some_and(|extension| extension == "tf" || extension == "tfvars")
}

/// Whether a path is an encrypted version of the embedded store.
pub fn is_encrypted(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "age")
}

fn forms(value: &str) -> Vec<(Form, Vec<u8>)> {
    let bytes = value.as_bytes();
    let mut forms = vec![
        (Form::Plain, bytes.to_vec()),
        (Form::Reversed, bytes.iter().rev().copied().collect()),
        (Form::Utf16, value.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        (Form::Hexadecimal, hexadecimal(bytes, "").into_bytes()),
        (Form::Hexadecimal, hexadecimal(bytes, " ").into_bytes()),
        (
            Form::Percent,
            percent(bytes, |byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte)).into_bytes(),
        ),
        (Form::Percent, percent(bytes, |_| false).into_bytes()),
        (Form::Percent, form_encoded(bytes).into_bytes()),
        (Form::Decimals, decimals(bytes, ", ").into_bytes()),
        (Form::Decimals, decimals(bytes, ",").into_bytes()),
        (Form::Decimals, decimals(bytes, " ").into_bytes()),
    ];
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    forms.push((Form::Sha256, hexadecimal(digest.as_ref(), "").into_bytes()));
    forms.push((Form::Sha256, STANDARD_NO_PAD.encode(digest.as_ref()).into_bytes()));
    for once in base64_cores(bytes) {
        forms.extend(base64_cores(&once).into_iter().map(|core| (Form::Base64Twice, core)));
        forms.push((Form::Base64, once));
    }
    for once in json_insides(value) {
        forms.extend(json_insides(&once).into_iter().map(|text| (Form::Json, text.into_bytes())));
        forms.push((Form::Json, once.into_bytes()));
    }
    forms
}

/// The value as base64 at each of the three offsets within a longer text, in both alphabets, without the characters at the
/// ends that depend on what stands before and after.
fn base64_cores(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut cores = Vec::new();
    for before in 0..3_usize {
        let mut padded = vec![0_u8; before];
        padded.extend_from_slice(bytes);
        let first = (before * 8).div_ceil(6);
        let last = padded.len() * 8 / 6;
        for encoded in [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
            cores.push(encoded.as_bytes()[first..last].to_vec());
        }
    }
    cores
}

/// The ways in which a JSON writer may put the value between quotes: the fewest escapes, Go's HTML escapes, PHP's slash,
/// every character as `\u`.
fn json_insides(value: &str) -> Vec<String> {
    let plain = serde_json::to_string(value).expect("a string is JSON");
    let plain = plain[1..plain.len() - 1].to_owned();
    let html = plain.replace('<', r"\u003c").replace('>', r"\u003e").replace('&', r"\u0026");
    let slash = plain.replace('/', r"\/");
    let every = value.encode_utf16().fold(String::new(), |mut text, unit| {
        let _ = write!(text, "\\u{unit:04x}");
        text
    });
    vec![plain, html, slash, every]
}

fn hexadecimal(bytes: &[u8], between: &str) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between)
}

fn decimals(bytes: &[u8], between: &str) -> String {
    bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(between)
}

fn percent(bytes: &[u8], stays: impl Fn(u8) -> bool) -> String {
    bytes
        .iter()
        .map(|byte| if stays(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02x}") })
        .collect()
}

/// As an HTML form writes it: a blank is a plus sign.
fn form_encoded(bytes: &[u8]) -> String {
    percent(bytes, |byte| byte.is_ascii_alphanumeric() || b"-_.* ".contains(&byte)).replace(' ', "+")
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    const VALUE: &str = "k9/<Zürich> & \"quoted\" + 100%";

    #[track_caller]
    fn check(written: impl AsRef<[u8]>, expected: Form) {
        let found = Canary::new(VALUE).search("file", written.as_ref());
        assert!(found.iter().any(|leak| leak.form == expected), "{expected:?} not among {found:?}");
    }

    #[test]
    fn plain_and_reversed_text_is_found() {
        check(format!("before {VALUE} after"), Form::Plain);
        check(VALUE.to_ascii_uppercase(), Form::Plain);
        check(VALUE.bytes().rev().collect::<Vec<_>>(), Form::Reversed);
        check(VALUE.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(), Form::Utf16);
    }

    #[test]
    fn hexadecimal_text_is_found_in_both_cases() {
        check(hexadecimal(VALUE.as_bytes(), ""), Form::Hexadecimal);
        check(hexadecimal(VALUE.as_bytes(), "").to_uppercase(), Form::Hexadecimal);
        check(hexadecimal(VALUE.as_bytes(), " "), Form::Hexadecimal);
    }

    #[test]
    fn percent_encoded_text_is_found() {
        check("k9%2F%3CZ%C3%BCrich%3E%20%26%20%22quoted%22%20%2B%20100%25", Form::Percent);
        check("k9%2f%3cZ%c3%bcrich%3e%20%26%20%22quoted%22%20%2b%20100%25", Form::Percent);
        check("k9%2F%3CZ%C3%BCrich%3E+%26+%22quoted%22+%2B+100%25", Form::Percent);
        check(percent(VALUE.as_bytes(), |_| false), Form::Percent);
    }

    #[test]
    fn json_text_is_found_however_it_is_escaped() {
        check(serde_json::to_string(VALUE).expect("JSON"), Form::Json);
        check(r#"{"v":"k9/\u003cZürich\u003e \u0026 \"quoted\" + 100%"}"#, Form::Json);
        check(r#""k9\/<Zürich> & \"quoted\" + 100%""#, Form::Json);
        let within = serde_json::json!({ "outer": serde_json::json!({ "inner": VALUE }).to_string() });
        check(within.to_string(), Form::Json);
    }

    #[test]
    fn bytes_printed_for_debugging_are_found() {
        check(format!("{:?}", VALUE.as_bytes()), Form::Decimals);
    }

    #[test]
    fn a_hash_is_found() {
        // Computed with coreutils: printf '%s' "$VALUE" | sha256sum
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, VALUE.as_bytes());
        check(hexadecimal(digest.as_ref(), ""), Form::Sha256);
        check(STANDARD_NO_PAD.encode(digest.as_ref()), Form::Sha256);
    }

    #[test]
    fn a_packed_file_is_searched() {
        let mut packed = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options =
            zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        packed.start_file("tfstate", options).expect("in memory");
        std::io::Write::write_all(&mut packed, VALUE.repeat(20).as_bytes()).expect("in memory");
        let packed = packed.finish().expect("in memory").into_inner();
        let found = Canary::new(VALUE).search("plan.bin", &packed);
        assert_eq!(found.first().map(|leak| leak.file.as_str()), Some("plan.bin!tfstate"));
    }

    #[test]
    fn a_leak_is_reported_without_the_value() {
        let leaks = Canary::new(VALUE).search("terraform.log", format!("x={VALUE}").as_bytes());
        assert!(!format!("{leaks:?}").contains("quoted"));
        assert_eq!(leaks[0], Leak { file: "terraform.log".to_owned(), offset: 2, form: Form::Plain });
    }

    #[test]
    fn an_excepted_file_is_not_searched_and_its_neighbour_is() {
        let scratch = tempfile::tempdir().expect("a scratch folder");
        for name in ["v1.age", "audit.jsonl"] {
            std::fs::write(scratch.path().join(name), VALUE).expect("a writable folder");
        }
        let found = Canary::new(VALUE).search_folder(scratch.path(), is_encrypted);
        assert!(found.iter().all(|leak| leak.file == "audit.jsonl") && !found.is_empty(), "{found:?}");
    }

    proptest! {
        // A search is built for each value, which is slow in a debug build.
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn base64_is_found_wherever_the_value_stands(
            value in "[ -~]{12,40}", before in "[ -~]{0,7}", after in "[ -~]{0,7}", twice in "[ -~]{0,7}",
        ) {
            let canary = Canary::new(&value);
            let text = format!("{before}{value}{after}");
            for encoded in [STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                let found = canary.search("file", encoded.as_bytes());
                prop_assert!(found.iter().any(|leak| leak.form == Form::Base64));
                let again = STANDARD_NO_PAD.encode(format!("{twice}{encoded}"));
                let found = canary.search("file", again.as_bytes());
                prop_assert!(found.iter().any(|leak| leak.form == Form::Base64Twice));
            }
        }

        #[test]
        fn other_text_is_not_reported(text in "[a-z ]{0,400}") {
            static CANARY: LazyLock<Canary> = LazyLock::new(|| Canary::new(VALUE));
            prop_assert_eq!(CANARY.search("file", text.as_bytes()), vec![]);
        }
    }
}
