//! Where reports go: standard output by default, and any number of files in one run. What can be known to fail, fails before a plan is
//! read: a pipeline should not learn after minutes that a folder is missing.
//!
//! A file is written beside its place and renamed into it, so that a reader sees the old report or the new one and never half of one. What
//! is no regular file (`/dev/stdout`, a named pipe) is written to directly: it must not be replaced by a file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::ValueEnum;
use miette::Diagnostic;

use super::terminal::Terminal;
use crate::report::human::{Detail, Look};
use crate::report::{Format, RenderError, Report};

/// One `--output`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct OutputArgument {
    /// The form, where the argument names one; else it is that of `--format`.
    format: Option<Format>,
    path: PathBuf,
}

impl FromStr for OutputArgument {
    type Err = OutputError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Only a word in front of `=` can be meant as a format: `./a=b` and `reports/a=b.txt` are files.
        let word =
            text.split_once('=').filter(|(word, _)| word.chars().all(|letter| letter.is_ascii_alphabetic()));
        let (format, path) = match word {
            Some((word, path)) => (Some(format_named(word)?), path),
            None => (None, text),
        };
        if path.is_empty() {
            return Err(OutputError::NoFile { argument: text.to_owned() });
        }
        Ok(Self { format, path: PathBuf::from(path) })
    }
}

fn format_named(word: &str) -> Result<Format, OutputError> {
    Format::from_str(word, false).map_err(|_| OutputError::UnknownFormat { word: word.to_owned() })
}

fn format_names() -> Vec<String> {
    Format::value_variants()
        .iter()
        .filter_map(ValueEnum::to_possible_value)
        .map(|value| value.get_name().to_owned())
        .collect()
}

/// The reports of this run and where each goes.
#[derive(Debug)]
pub(super) struct Outputs {
    stdout: Option<Format>,
    files: Vec<(Format, PathBuf)>,
}

impl Outputs {
    /// What `--format` and all `--output` say together. `inputs` are the plans, none of which may be overwritten.
    ///
    /// # Errors
    /// Two reports have one place, a place is a plan's, or cannot be written.
    pub(super) fn new(format: Format, arguments: &[String], inputs: &[String]) -> Result<Self, OutputError> {
        let arguments =
            arguments.iter().map(|argument| argument.parse()).collect::<Result<Vec<OutputArgument>, _>>()?;
        // `--output FILE` is the report of `--format`, elsewhere; a second one would be the same report again.
        let mut plain = arguments.iter().filter(|argument| argument.format.is_none());
        let stdout = plain.next().is_none().then_some(format);
        if let Some(second) = plain.next() {
            return Err(OutputError::TwoPlain { path: second.path.clone() });
        }
        let mut taken: Vec<PathBuf> = Vec::new();
        let mut files = Vec::new();
        for argument in &arguments {
            let place = place_of(&argument.path)?;
            if taken.contains(&place) && !is_special(&place) {
                return Err(OutputError::SamePlace { path: argument.path.clone() });
            }
            if inputs.iter().any(|input| fs::canonicalize(input).is_ok_and(|input| input == place)) {
                return Err(OutputError::IsAPlan { path: argument.path.clone() });
            }
            try_place(&place)
                .map_err(|source| OutputError::Unwritable { path: argument.path.clone(), source })?;
            taken.push(place);
            files.push((argument.format.unwrap_or(format), argument.path.clone()));
        }
        Ok(Self { stdout, files })
    }

    /// Some report has this form.
    pub(super) fn include(&self, format: Format) -> bool {
        self.stdout == Some(format) || self.files.iter().any(|(other, _)| *other == format)
    }

    /// Writes every report. One that fails does not keep the others from being written. `Err` has been shown already.
    pub(super) fn write(&self, report: &Report, detail: Detail, terminal: &Terminal) -> Result<(), ()> {
        let mut result = Ok(());
        for (format, path) in &self.files {
            // A file is plain, whatever the terminal can show.
            let written = report.render(*format, Look::Plain, detail).map_err(RenderProblem::new);
            let written = written.map_err(|problem| terminal.problem(&problem)).and_then(|text| {
                write_file(path, text.as_bytes()).map_err(|source| {
                    terminal.problem(&OutputError::Unwritable { path: path.clone(), source })
                })
            });
            result = result.and(written);
        }
        if let Some(format) = self.stdout {
            let written = match report.render(format, terminal.look(None), detail) {
                Ok(text) => terminal.write(&text, None),
                Err(error) => {
                    terminal.problem(&RenderProblem::new(error));
                    Err(())
                }
            };
            result = result.and(written);
        }
        result
    }
}

/// The file that a path means: links are followed, so that two names of one file are seen as one and a link stays a link.
fn place_of(path: &Path) -> Result<PathBuf, OutputError> {
    let unwritable = |source| OutputError::Unwritable { path: path.to_owned(), source };
    match fs::canonicalize(path) {
        Ok(place) => return Ok(place),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(unwritable(error)),
    }
    let name = path.file_name().ok_or_else(|| unwritable(io::ErrorKind::IsADirectory.into()))?;
    Ok(fs::canonicalize(folder_of(path)).map_err(unwritable)?.join(name))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn is_special(place: &Path) -> bool {
    fs::metadata(place).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// Whether a report could be written there now, without writing it.
fn try_place(place: &Path) -> io::Result<()> {
    if place.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if is_special(place) {
        return Ok(());
    }
    if place.exists() {
        OpenOptions::new().write(true).open(place)?;
    }
    tempfile::NamedTempFile::new_in(folder_of(place)).map(drop)
}

/// Writes a file whole or not at all.
///
/// # Errors
/// It cannot be written; then an earlier file of that name is as it was.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if is_special(&place) {
        return File::options().write(true).open(&place)?.write_all(bytes);
    }
    let mut fresh = new_file_builder().tempfile_in(folder_of(&place))?;
    fresh.write_all(bytes)?;
    if let Ok(earlier) = fs::metadata(&place) {
        fresh.as_file().set_permissions(earlier.permissions())?;
    }
    fresh.persist(&place).map_err(|error| error.error)?;
    Ok(())
}

/// Temporary files are the owner's alone; a report has the rights that any new file has.
#[cfg(unix)]
fn new_file_builder() -> tempfile::Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".secretlint-").permissions(fs::Permissions::from_mode(0o666));
    builder
}

#[cfg(not(unix))]
fn new_file_builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".secretlint-");
    builder
}

/// Reports that cannot go where they should.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutputError {
    #[error("`{word}` is no form of a report")]
    UnknownFormat { word: String },
    #[error("`--output {argument}` names no file")]
    NoFile { argument: String },
    #[error("`--output {}` is the second report without a form of its own", path.display())]
    TwoPlain { path: PathBuf },
    #[error("two reports are to be written to `{}`", path.display())]
    SamePlace { path: PathBuf },
    #[error("the report would overwrite the plan `{}`", path.display())]
    IsAPlan { path: PathBuf },
    #[error("cannot write the report to `{}`", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
}

impl Diagnostic for OutputError {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let forms = || format_names().join(", ");
        Some(Box::new(match self {
            Self::UnknownFormat { word } => {
                let near =
                    format_names().into_iter().find(|name| strsim::damerau_levenshtein(name, word) <= 2);
                let meant = near.map_or_else(String::new, |name| format!("did you mean `{name}`? "));
                format!(
                    "{meant}The forms are {}. A file with `=` in its name is written `./{word}=…`",
                    forms()
                )
            }
            Self::NoFile { .. } => "write `--output FILE` or `--output FORMAT=FILE`".to_owned(),
            Self::TwoPlain { .. } => {
                format!("write `--output FORMAT=FILE` for each further report; the forms are {}", forms())
            }
            Self::SamePlace { .. } => "give each report a file of its own".to_owned(),
            Self::IsAPlan { .. } => "choose another name for the report".to_owned(),
            Self::Unwritable { .. } => "make the folder, or choose a file that can be written".to_owned(),
        }))
    }
}

/// A report that cannot be put into its form.
#[derive(Debug, thiserror::Error)]
#[error("the report cannot be put into its form")]
struct RenderProblem {
    source: RenderError,
}

impl RenderProblem {
    const fn new(source: RenderError) -> Self {
        Self { source }
    }
}

impl Diagnostic for RenderProblem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_before_the_equals_sign_is_a_format_and_a_path_is_not() {
        let parsed = |text: &str| text.parse::<OutputArgument>().map_err(|error| error.to_string());
        let output = |format, path: &str| Ok(OutputArgument { format, path: PathBuf::from(path) });
        assert_eq!(parsed("report.txt"), output(None, "report.txt"));
        assert_eq!(parsed("sarif=x.sarif"), output(Some(Format::Sarif), "x.sarif"));
        assert_eq!(parsed("json=a=b"), output(Some(Format::Json), "a=b"));
        assert_eq!(parsed("./a=b"), output(None, "./a=b"));
        assert_eq!(parsed("run.2=b"), output(None, "run.2=b"));
        assert_eq!(parsed("sarfi=x"), Err("`sarfi` is no form of a report".to_owned()));
        assert_eq!(parsed("html="), Err("`--output html=` names no file".to_owned()));
        assert_eq!(parsed(""), Err("`--output ` names no file".to_owned()));
    }
}
