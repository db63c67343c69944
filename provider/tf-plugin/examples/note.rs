//! A whole provider on one page: notes, which are text files in a folder.
//!
//! Try it: `cargo build -p tf-plugin --example note`, then name the folder of the binary in `dev_overrides` of a Terraform
//! CLI configuration (see the README). The library's own tests run it with the real Terraform.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tf_plugin::{
    Action, Applied, Attribute, Change, ConfigureRequest, Context, CreateRequest, DataSource, DeleteRequest,
    Diagnostic, Diagnostics, Dynamic, EphemeralResource, Exposed, Function, FunctionError, IdentitySchema,
    ImportRequest, ImportTarget, Imported, InvokeRequest, ListRequest, ListResource, ListSink, Listed,
    NotText, Objects, OpenRequest, Opened, PlanRequest, Planned, Provider, ReadDataRequest, ReadRequest,
    Refreshed, Resource, ResourceWanted, Schema, ServeOptions, Signature, Type, UpdateRequest, Value,
    WireSecret, WireSink, WriteOnly, async_trait, serve,
};

fn main() -> ExitCode {
    serve(Note, ServeOptions::new("registry.terraform.io/example/note"))
}

/// The provider: `provider "note" { folder = "…" }`.
pub(crate) struct Note;

#[derive(Serialize, Deserialize)]
pub(crate) struct Config {
    folder: Value<String>,
}

/// What the objects share.
#[derive(Clone)]
pub(crate) struct Folder {
    /// `None` while it is not known yet.
    path: Option<PathBuf>,
    /// Says that somebody uses the folder; taken away at the end.
    mark: Option<PathBuf>,
}

impl Folder {
    /// Puts up the mark, if the folder is there.
    fn open(path: Option<PathBuf>) -> Self {
        let mark = path.as_ref().and_then(|path| {
            let names = (0..).map(|number| path.join(format!(".in-use-{}-{number}", std::process::id())));
            for name in names.take(100) {
                match std::fs::File::create_new(&name) {
                    Ok(_) => return Some(name),
                    Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                    Err(_) => break,
                }
            }
            None
        });
        Self { path, mark }
    }

    fn path(&self) -> Result<&Path, Diagnostics> {
        self.path
            .as_deref()
            .ok_or_else(|| Diagnostic::error("the folder of the notes is not known yet").into())
    }

    fn file(&self, name: &str) -> Result<PathBuf, Diagnostics> {
        Ok(self.path()?.join(format!("{name}.txt")))
    }
}

#[async_trait]
impl Provider for Note {
    type Config = Config;
    type Client = Folder;

    fn schema(&self) -> Schema {
        Schema::new().attribute(Attribute::string("folder").required().description("Where the notes are."))
    }

    fn objects(&self) -> Objects<Folder> {
        Objects::new()
            .resource("note", NoteResource)
            .data_source("note", NoteData)
            .ephemeral_resource("note_token", Token)
            .function("shout", Shout)
            .action("note_append", Append)
            .list_resource("note", NoteList)
    }

    async fn configure(&self, request: ConfigureRequest<Config>) -> Result<Folder, Diagnostics> {
        Ok(Folder::open(request.config.folder.into_known().map(PathBuf::from)))
    }

    async fn close(&self, client: Folder) {
        if let Some(mark) = client.mark {
            // Nobody is left to tell, and a mark that stays says no more than that a process was killed.
            let _ = std::fs::remove_file(mark);
        }
    }
}

/// `resource "note" "x" { name = … text = … }`
pub(crate) struct NoteResource;

#[derive(Serialize, Deserialize, Default)]
pub(crate) struct NoteModel {
    name: Value<String>,
    text: Value<String>,
    labels: Value<BTreeMap<String, Value<String>>>,
    /// Written to the file as the number of its characters only; changes with its version.
    secret_wo: WriteOnly<String>,
    secret_wo_version: Value<i64>,
    /// Anything at all: kept in state, not in the file.
    meta: Dynamic,
    /// How long creating takes, in milliseconds: something to interrupt.
    delay: Value<u64>,
    id: Value<String>,
    bytes: Value<u64>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct NoteIdentity {
    name: Value<String>,
}

fn write_note(path: &Path, note: &mut NoteModel, secret: &WriteOnly<String>) -> Result<(), Diagnostics> {
    let mut text = note.text.as_str().unwrap_or_default().to_owned();
    if let Some(secret) = secret.known() {
        text.push_str(&format!("\nsecret of {} characters", secret.chars().count()));
    }
    std::fs::write(path, &text)
        .map_err(|error| Diagnostic::error("the note cannot be written").detail(error.to_string()))?;
    note.id = Value::Known(path.display().to_string());
    note.bytes = Value::Known(text.len() as u64);
    Ok(())
}

#[async_trait]
impl Resource for NoteResource {
    type Client = Folder;
    type Model = NoteModel;
    type Identity = NoteIdentity;
    type Private = ();

    fn schema(&self) -> Schema {
        Schema::new()
            .description("A text file.")
            .attribute(
                Attribute::string("name").required().requires_replace().description("Name of the file."),
            )
            .attribute(Attribute::string("text").optional().description("What is in it."))
            .attribute(Attribute::map("labels", Type::String).optional())
            .attribute(Attribute::string("secret_wo").optional().write_only())
            .attribute(Attribute::number("secret_wo_version").optional())
            .attribute(Attribute::dynamic("meta").optional())
            .attribute(Attribute::number("delay").optional())
            .attribute(Attribute::string("id").computed())
            .attribute(Attribute::number("bytes").computed())
    }

    fn identity_schema(&self) -> Option<IdentitySchema> {
        Some(IdentitySchema::new().required("name", Type::String, "Name of the file."))
    }

    fn identity(&self, state: &NoteModel) -> Option<NoteIdentity> {
        Some(NoteIdentity { name: state.name.clone() })
    }

    async fn validate(&self, config: NoteModel, _: Context) -> Diagnostics {
        match config.name.as_str() {
            Some(name) if name.contains('/') => Diagnostic::error("a name has no slash")
                .detail("Notes are files in one folder.")
                .at("name")
                .into(),
            _ => Diagnostics::new(),
        }
    }

    async fn read(
        &self,
        client: &Folder,
        request: ReadRequest<Self>,
    ) -> Result<Refreshed<Self>, Diagnostics> {
        let mut state = request.state;
        let path = client.file(state.name.as_str().unwrap_or_default())?;
        let Ok(text) = std::fs::read_to_string(&path) else { return Ok(Refreshed::gone()) };
        state.id = Value::Known(path.display().to_string());
        state.bytes = Value::Known(text.len() as u64);
        let visible = text.split("\nsecret of ").next().unwrap_or_default();
        state.text = Value::from_option((!visible.is_empty()).then(|| visible.to_owned()));
        Ok(Refreshed::new(state))
    }

    async fn plan(&self, _: &Folder, request: PlanRequest<Self>) -> Result<Planned<Self>, Diagnostics> {
        let mut planned = request.proposed;
        if let Change::Update { prior } = &request.change
            && (prior.text != planned.text || prior.secret_wo_version != planned.secret_wo_version)
        {
            planned.bytes.set_unknown();
        }
        Ok(Planned::new(planned))
    }

    async fn create(
        &self,
        client: &Folder,
        request: CreateRequest<Self>,
    ) -> Result<Applied<Self>, Diagnostics> {
        let mut note = request.planned;
        let path = client.file(note.name.as_str().unwrap_or_default())?;
        write_note(&path, &mut note, &request.config.secret_wo)?;
        request.checkpoint.save(&note)?;
        let delay = Duration::from_millis(note.delay.into_known().unwrap_or(0));
        note.delay = request.config.delay;
        tokio::select! {
            () = tokio::time::sleep(delay) => Ok(Applied::new(note)),
            () = request.context.cancellation.cancelled() => {
                Ok(Applied::new(note).with(Diagnostic::error("interrupted while creating the note")))
            }
        }
    }

    async fn update(
        &self,
        client: &Folder,
        request: UpdateRequest<Self>,
    ) -> Result<Applied<Self>, Diagnostics> {
        let mut note = request.planned;
        let path = client.file(note.name.as_str().unwrap_or_default())?;
        write_note(&path, &mut note, &request.config.secret_wo)?;
        Ok(Applied::new(note))
    }

    async fn delete(
        &self,
        client: &Folder,
        request: DeleteRequest<Self>,
    ) -> Result<Diagnostics, Diagnostics> {
        match std::fs::remove_file(client.file(request.prior.name.as_str().unwrap_or_default())?) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Diagnostic::error("the note cannot be deleted").detail(error.to_string()).into())
            }
            _ => Ok(Diagnostics::new()),
        }
    }

    async fn import(&self, _: &Folder, request: ImportRequest<Self>) -> Result<Imported<Self>, Diagnostics> {
        let name = match request.target {
            ImportTarget::Id(id) => Value::Known(id),
            ImportTarget::Identity(identity) => identity.name,
        };
        Ok(Imported::new(NoteModel { name, ..NoteModel::default() }))
    }
}

/// `data "note" "x" { name = … }`
pub(crate) struct NoteData;

#[derive(Serialize, Deserialize)]
pub(crate) struct NoteDataModel {
    name: Value<String>,
    text: Value<String>,
}

#[async_trait]
impl DataSource for NoteData {
    type Client = Folder;
    type Model = NoteDataModel;

    fn schema(&self) -> Schema {
        Schema::new()
            .attribute(Attribute::string("name").required())
            .attribute(Attribute::string("text").computed())
    }

    async fn read(
        &self,
        client: &Folder,
        request: ReadDataRequest<Self>,
    ) -> Result<(NoteDataModel, Diagnostics), Diagnostics> {
        let mut note = request.config;
        let path = client.file(note.name.as_str().unwrap_or_default())?;
        let text = std::fs::read_to_string(path).map_err(|error| {
            Diagnostic::error("the note cannot be read").detail(error.to_string()).at("name")
        })?;
        note.text = Value::Known(text);
        Ok((note, Diagnostics::new()))
    }
}

/// `ephemeral "note_token" "x" { length = 8 }`: a value that no plan and no state holds.
pub(crate) struct Token;

/// A secret type: no `Serialize`, no `Debug` of its content.
#[derive(Deserialize)]
pub(crate) struct Password(String);

impl WireSecret for Password {
    fn send_to(&self, sink: &mut WireSink) -> Result<(), NotText> {
        sink.send(&self.0);
        Ok(())
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct TokenModel {
    length: Value<usize>,
    token: Exposed<Password>,
}

#[async_trait]
impl EphemeralResource for Token {
    type Client = Folder;
    type Model = TokenModel;
    type Private = ();

    fn schema(&self) -> Schema {
        Schema::new()
            .attribute(Attribute::number("length").optional_computed())
            .attribute(Attribute::string("token").computed().sensitive())
    }

    async fn open(&self, _: &Folder, request: OpenRequest<Self>) -> Result<Opened<Self>, Diagnostics> {
        let length = request.config.length.into_known().unwrap_or(12);
        let token = Exposed::new(Password("SENTINEL".chars().cycle().take(length).collect()));
        Ok(Opened::new(TokenModel { length: Value::Known(length), token }))
    }
}

/// `provider::note::shout("hello")`
pub(crate) struct Shout;

#[async_trait]
impl Function for Shout {
    type Arguments = (String,);
    type Output = String;

    fn signature(&self) -> Signature {
        Signature::new(Type::String, "Upper case").parameter("text", Type::String, "What to shout.")
    }

    async fn call(&self, (text,): (String,)) -> Result<String, FunctionError> {
        if text.is_empty() {
            Err(FunctionError::at(0, "there is nothing to shout"))
        } else {
            Ok(text.to_uppercase())
        }
    }
}

/// `action "note_append" "x" { config { name = … line = … } }`
pub(crate) struct Append;

#[derive(Serialize, Deserialize)]
pub(crate) struct AppendConfig {
    name: Value<String>,
    line: Value<String>,
}

#[async_trait]
impl Action for Append {
    type Client = Folder;
    type Config = AppendConfig;

    fn schema(&self) -> Schema {
        Schema::new()
            .attribute(Attribute::string("name").required())
            .attribute(Attribute::string("line").required())
    }

    async fn invoke(
        &self,
        client: &Folder,
        request: InvokeRequest<Self>,
    ) -> Result<Diagnostics, Diagnostics> {
        let path = client.file(request.config.name.as_str().unwrap_or_default())?;
        let failed =
            |error: std::io::Error| Diagnostic::error("the note cannot be changed").detail(error.to_string());
        let text = std::fs::read_to_string(&path).map_err(failed)?;
        request.progress.report("appending").await;
        std::fs::write(&path, format!("{text}{}", request.config.line.as_str().unwrap_or_default()))
            .map_err(failed)?;
        Ok(Diagnostics::new())
    }
}

/// `list "note" "x" { provider = note }`
pub(crate) struct NoteList;

#[derive(Serialize, Deserialize)]
pub(crate) struct NoteListConfig {
    prefix: Value<String>,
}

#[async_trait]
impl ListResource for NoteList {
    type Client = Folder;
    type Config = NoteListConfig;
    type Resource = NoteResource;

    fn schema(&self) -> Schema {
        Schema::new().attribute(Attribute::string("prefix").optional())
    }

    async fn list(
        &self,
        client: &Folder,
        request: ListRequest<Self>,
        mut sink: ListSink<NoteResource>,
    ) -> Result<(), Diagnostics> {
        let prefix = request.config.prefix.as_str().unwrap_or_default();
        let failed =
            |error: std::io::Error| Diagnostic::error("the notes cannot be listed").detail(error.to_string());
        for entry in std::fs::read_dir(client.path()?).map_err(failed)? {
            let file = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
            let Some(name) = file.strip_suffix(".txt").filter(|name| name.starts_with(prefix)) else {
                continue;
            };
            let resource = (request.resource_wanted == ResourceWanted::Yes)
                .then(|| NoteModel { name: Value::text(name), ..NoteModel::default() });
            let listed = Listed {
                identity: NoteIdentity { name: Value::text(name) },
                display_name: name.to_owned(),
                resource,
                diagnostics: Vec::new(),
            };
            if sink.send(listed).await.is_err() {
                break;
            }
        }
        Ok(())
    }
}
