//! From an address and a path in a plan to a line of a `.tf` file.
//!
//! A plan says *which* value is wrong, not where it was written. The configuration beside it does: `address` takes an address apart,
//! `module` reads the files of one module folder, `expression` follows a path through blocks and HCL expressions, `json` goes on where the
//! path continues inside a JSON text. Whatever cannot be followed ends at the innermost place that could.
//!
//! `comments` reads what the files tell the linter, and [`Sources::way`] says which of it an attribute is under.
//!
//! Everything here is optional: without files, or with files that do not parse, findings are reported by address.

mod address;
mod comments;
mod expression;
mod json;
mod module;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use self::address::Address;
pub use self::comments::{About, Note};
use self::expression::{Frame, Spot};
use self::module::{Module, ModuleCall, Place};
use crate::facts::model::PathStep;
use crate::finding::{Finding, Label, Location};

/// Why a file of the configuration was not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceWarning {
    /// The file.
    pub file: PathBuf,
    /// What is wrong and what follows from it, without quoting the file.
    pub message: String,
}

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The place that a person can change.
    pub location: Location,
    /// Another place that belongs to it, with a few words: where the value is used, or the line of a module from elsewhere.
    pub inner: Option<(Location, &'static str)>,
}

/// Something that is written in a file: a block's head, an attribute, an element of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The file, as [`Location::file`] shows it.
    pub file: PathBuf,
    /// Line of its first character, from 1.
    pub first_line: usize,
    /// Line of its last character.
    pub last_line: usize,
}

/// The configuration that a plan was made from, read as far as findings ask for it.
#[derive(Debug)]
pub struct Sources {
    root: PathBuf,
    modules: HashMap<PathBuf, Arc<Module>>,
    /// Folders by module key (`db.replica`), from `.terraform/modules/modules.json`; read when first needed.
    installed: Option<HashMap<String, PathBuf>>,
    texts: HashMap<PathBuf, Arc<str>>,
    warnings: Vec<SourceWarning>,
}

impl Sources {
    /// The configuration whose root module is in the folder `root`.
    #[must_use]
    pub fn open(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            modules: HashMap::new(),
            installed: None,
            texts: HashMap::new(),
            warnings: Vec::new(),
        }
    }

    /// `folder` holds files of a configuration.
    #[must_use]
    pub fn is_configuration(folder: &Path) -> bool {
        fs::read_dir(folder)
            .is_ok_and(|entries| entries.flatten().any(|entry| module::is_configuration(&entry.path())))
    }

    /// Gives every finding and label its place, where it has one; a finding that has one already keeps it.
    pub fn locate_all(&mut self, findings: &mut [Finding]) {
        for finding in findings {
            for label in &mut finding.labels {
                label.location = self.locate(&finding.address, &label.path).map(|located| located.location);
            }
            if finding.location.is_none()
                && let Some(located) = self.locate(&finding.address, &finding.path)
            {
                finding.location = Some(located.location);
                finding.labels.extend(located.inner.map(|(location, message)| Label {
                    path: finding.path.clone(),
                    message: message.to_owned(),
                    location: Some(location),
                }));
            }
        }
    }

    /// The place of the attribute `path` of the object at `address`: the innermost that the files show, or where a value is written that is
    /// only named there. For an object in a module that is not part of this configuration (from a registry or a repository) it is the
    /// `module` block that calls it.
    pub fn locate(&mut self, address: &str, path: &[PathStep]) -> Option<Located> {
        let address = Address::parse(address)?;
        let frames = self.follow(&address)?;
        if frames.last().is_some_and(|frame| frame.call.is_some()) {
            return Some(Located { location: self.call(&frames)?, inner: None });
        }
        let Some(found) = expression::find(&frames, &address, path) else {
            let location = frames.last().filter(|frame| frame.is_remote).and_then(|_| self.call(&frames))?;
            return Some(Located { location, inner: None });
        };
        let is_remote = |spot: &Spot| frames.get(spot.level).is_some_and(|frame| frame.is_remote);
        if is_remote(&found.spot) {
            let location = self.call(&frames)?;
            let inner = self.spot(&frames, &found.spot)?;
            return Some(Located {
                location,
                inner: Some((inner, "stands here, in a module from elsewhere")),
            });
        }
        let location = self.spot(&frames, &found.spot)?;
        let used = found.used.and_then(|used| self.spot(&frames, &used));
        let inner = used.filter(|used| *used != location).map(|used| (used, "is used here"));
        Some(Located { location, inner })
    }

    /// Everything that the attribute `path` of the object at `address` is a part of: the `module` blocks that lead to it, its block, and what
    /// is around its value, as far as it is written in files of this configuration and not in JSON.
    pub fn way(&mut self, address: &str, path: &[PathStep]) -> Vec<Written> {
        let Some(address) = Address::parse(address) else { return Vec::new() };
        let Some(frames) = self.follow(&address) else { return Vec::new() };
        let own = || frames.iter().filter(|frame| !frame.is_remote);
        let calls =
            own().filter_map(|frame| frame.call.as_ref().map(|(_, call)| written(&frame.module, call)));
        let mut way: Vec<Written> = calls.collect();
        if let Some(found) = expression::find(&frames, &address, path) {
            let spots = found.way.iter().filter_map(|spot| Some((frames.get(spot.level)?, &spot.place)));
            way.extend(
                spots
                    .filter(|(frame, _)| !frame.is_remote)
                    .map(|(frame, place)| written(&frame.module, place)),
            );
        }
        way
    }

    /// The call of the first module on the way that is not part of this configuration, or that is not there.
    fn call(&mut self, frames: &[Frame]) -> Option<Location> {
        let caller = frames.iter().take_while(|frame| !frame.is_remote).last()?;
        let (_, call) = caller.call.as_ref()?;
        Some(self.location(&caller.module, call))
    }

    fn spot(&mut self, frames: &[Frame], spot: &Spot) -> Option<Location> {
        frames.get(spot.level).map(|frame| self.location(&frame.module, &spot.place))
    }

    /// Every comment in the configuration that speaks to the linter, with its place: in the root module and in all modules that it calls and
    /// whose files are part of it.
    pub fn notes(&mut self) -> Vec<(Location, Note)> {
        let mut found = BTreeMap::new();
        let mut visited = HashSet::new();
        let mut folders = vec![(self.root.clone(), String::new())];
        while let Some((folder, key)) = folders.pop() {
            if !visited.insert(tidy(&folder)) {
                continue;
            }
            let module = self.module(&folder);
            for (name, call) in module.calls() {
                let key = if key.is_empty() { name } else { format!("{key}.{name}") };
                let child = self.child(&folder, &call, &key).filter(|child| !self.is_remote(child));
                folders.extend(child.map(|child| (child, key)));
            }
            for (file, note) in module
                .files
                .iter()
                .enumerate()
                .flat_map(|(index, file)| file.comments.notes.iter().map(move |note| (index, note)))
            {
                let location = self.location(&module, &Place { file, span: note.span.clone() });
                found.insert((location.file.clone(), note.span.start), (location, note.clone()));
            }
        }
        found.into_values().collect()
    }

    /// The modules that lead to the object, from the root. The last one holds it, or has a call of a module that is not there. `None`: a call
    /// is not there.
    fn follow(&mut self, address: &Address) -> Option<Vec<Frame>> {
        let mut folder = self.root.clone();
        let mut key = String::new();
        let mut frames = Vec::with_capacity(address.modules.len() + 1);
        for name in &address.modules {
            let module = self.module(&folder);
            let is_remote = self.is_remote(&folder);
            let Some(call) = module.call(name) else { return is_remote.then_some(frames) };
            if !key.is_empty() {
                key.push('.');
            }
            key.push_str(name);
            let child = self.child(&folder, &call, &key);
            frames.push(Frame { module, call: Some((name.clone(), call.place)), is_remote });
            match child {
                Some(child) => folder = child,
                None => return Some(frames),
            }
        }
        let module = self.module(&folder);
        frames.push(Frame { module, call: None, is_remote: self.is_remote(&folder) });
        Some(frames)
    }

    /// The folder of the module that `call`, in `folder`, calls, where it is on this machine.
    fn child(&mut self, folder: &Path, call: &ModuleCall, key: &str) -> Option<PathBuf> {
        let child = match call.local_source() {
            Some(source) => Some(folder.join(source)),
            None => self.installed_folder(key),
        };
        child.filter(|child| child.is_dir())
    }

    /// A module's folder below `.terraform` is a copy of somebody else's code, where nobody can change a line.
    fn is_remote(&self, folder: &Path) -> bool {
        let below = folder.strip_prefix(&self.root).unwrap_or(folder);
        below.components().any(|part| part.as_os_str() == ".terraform")
    }

    /// The text of a file that a location names.
    #[must_use]
    pub fn text(&self, file: &Path) -> Option<Arc<str>> {
        self.texts.get(file).cloned()
    }

    /// Files that could not be used so far.
    #[must_use]
    pub fn warnings(&self) -> &[SourceWarning] {
        &self.warnings
    }

    fn module(&mut self, folder: &Path) -> Arc<Module> {
        if let Some(module) = self.modules.get(folder) {
            return module.clone();
        }
        let module = Arc::new(Module::read(folder, &mut self.warnings));
        self.modules.insert(folder.to_owned(), module.clone());
        module
    }

    fn location(&mut self, module: &Module, place: &Place) -> Location {
        let file = &module.files[place.file];
        let shown = tidy(&file.path);
        self.texts.entry(shown.clone()).or_insert_with(|| file.text.clone());
        location(shown, &file.text, place.span.clone())
    }

    /// Where `terraform init` put a module whose source is not a literal path.
    fn installed_folder(&mut self, key: &str) -> Option<PathBuf> {
        if self.installed.is_none() {
            self.installed = Some(read_installed(&self.root));
        }
        self.installed.as_ref()?.get(key).map(|folder| self.root.join(folder))
    }
}

/// The place of bytes `span` of the file `file` with contents `text`; of several lines the first.
#[must_use]
pub fn location(file: PathBuf, text: &str, span: std::ops::Range<usize>) -> Location {
    let span = first_line_of(text, span);
    let (line, column) = position(text, span.start);
    let (end_line, end_column) = position(text, span.end);
    Location { file, span, line, column, end_line, end_column }
}

fn written(module: &Module, place: &Place) -> Written {
    let file = &module.files[place.file];
    let first_line = position(&file.text, place.span.start).0;
    let covered = file.text.get(place.span.clone()).unwrap_or_default();
    let last_line = first_line + memchr::memchr_iter(b'\n', covered.trim_end().as_bytes()).count();
    Written { file: tidy(&file.path), first_line, last_line }
}

fn read_installed(root: &Path) -> HashMap<String, PathBuf> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Manifest {
        modules: Vec<Entry>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Entry {
        key: String,
        dir: PathBuf,
    }
    let text = fs::read(root.join(".terraform/modules/modules.json")).unwrap_or_default();
    let manifest = serde_json::from_slice(&text).unwrap_or(Manifest { modules: Vec::new() });
    manifest.modules.into_iter().map(|entry| (entry.key, entry.dir)).collect()
}

/// `./modules/../a` as `a`.
fn tidy(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir if tidied.file_name().is_some() => {
                tidied.pop();
            }
            other => tidied.push(other),
        }
    }
    tidied
}

/// A place that spans several lines is marked at its first: an excerpt of a whole block would hide what is meant.
fn first_line_of(text: &str, span: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let covered = text.get(span.clone()).unwrap_or_default();
    let first = covered.lines().next().unwrap_or_default().trim_end();
    span.start..span.start + first.len()
}

/// Line and column of a byte offset, both from 1, the column in characters.
#[must_use]
pub fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests;
