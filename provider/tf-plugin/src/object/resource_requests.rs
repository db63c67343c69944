//! What the methods of [`Resource`] are given and what they return.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::{Context, Resource};
use crate::{AttributePath, Diagnostic, Diagnostics, Dynamic, Schema};

/// Terraform refreshes an object. See [`Resource::read`].
pub struct ReadRequest<R: Resource> {
    /// The state as Terraform knows it.
    pub state: R::Model,
    /// The private data stored with it.
    pub private: Option<R::Private>,
    /// The identity stored with it.
    pub identity: Option<R::Identity>,
    /// The rest.
    pub context: Context,
}

/// The outcome of a read.
pub struct Refreshed<R: Resource> {
    /// The object as it is now; `None` when it is gone, and Terraform will plan to create it again.
    pub state: Option<R::Model>,
    /// New private data; `None` keeps what there is.
    pub private: Option<R::Private>,
    /// The identity; `None` asks [`Resource::identity`], then keeps what there is.
    pub identity: Option<R::Identity>,
    /// Warnings, or errors that still come with a state.
    pub diagnostics: Diagnostics,
}

impl<R: Resource> Refreshed<R> {
    /// The object as it is now.
    pub fn new(state: R::Model) -> Self {
        Self { state: Some(state), private: None, identity: None, diagnostics: Diagnostics::new() }
    }

    /// The object does not exist any more.
    #[must_use]
    pub fn gone() -> Self {
        Self { state: None, private: None, identity: None, diagnostics: Diagnostics::new() }
    }

    /// Adds a diagnostic.
    #[must_use]
    pub fn with(mut self, diagnostic: Diagnostic) -> Self {
        self.diagnostics.push(diagnostic);
        self
    }
}

/// What is planned.
pub enum Change<M> {
    /// A new object: the first one, or the second half of a replacement.
    Create,
    /// A change of an object, or none: Terraform asks for a plan even when nothing seems to differ.
    Update {
        /// The state as refreshed.
        prior: M,
    },
}

/// Terraform plans a creation or an update. See [`Resource::plan`].
pub struct PlanRequest<R: Resource> {
    /// Creation, or update of a prior state.
    pub change: Change<R::Model>,
    /// The configuration, with write-only values. May hold unknowns.
    pub config: R::Model,
    /// The default plan: return it, or a change of it.
    pub proposed: R::Model,
    /// The private data of the prior state; in the second half of a replacement, what the first half planned.
    pub private: Option<R::Private>,
    /// The identity of the prior state.
    pub identity: Option<R::Identity>,
    /// The rest.
    pub context: Context,
}

impl<R: Resource> PlanRequest<R> {
    /// The prior state, on update.
    pub fn prior(&self) -> Option<&R::Model> {
        match &self.change {
            Change::Create => None,
            Change::Update { prior } => Some(prior),
        }
    }
}

/// The outcome of a plan.
pub struct Planned<R: Resource> {
    /// The planned state.
    pub state: R::Model,
    /// Attributes whose change makes this a replacement, beyond those of the schema. Terraform ignores those that did not
    /// change, except write-only ones, which always replace.
    pub requires_replace: Vec<AttributePath>,
    /// Private data for apply; `None` passes on what there is.
    pub private: Option<R::Private>,
    /// Warnings.
    pub diagnostics: Diagnostics,
}

impl<R: Resource> Planned<R> {
    /// This state, nothing else.
    pub fn new(state: R::Model) -> Self {
        Self { state, requires_replace: Vec::new(), private: None, diagnostics: Diagnostics::new() }
    }

    /// A change of this attribute makes it a replacement.
    #[must_use]
    pub fn replace_for(mut self, attribute: impl Into<AttributePath>) -> Self {
        self.requires_replace.push(attribute.into());
        self
    }

    /// Private data for apply.
    #[must_use]
    pub fn private(mut self, private: R::Private) -> Self {
        self.private = Some(private);
        self
    }

    /// Adds a diagnostic.
    #[must_use]
    pub fn with(mut self, diagnostic: Diagnostic) -> Self {
        self.diagnostics.push(diagnostic);
        self
    }
}

/// Terraform plans a deletion. See [`Resource::plan_destroy`].
pub struct PlanDestroyRequest<R: Resource> {
    /// What would be deleted.
    pub prior: R::Model,
    /// The private data stored with it.
    pub private: Option<R::Private>,
    /// The identity stored with it.
    pub identity: Option<R::Identity>,
    /// The rest.
    pub context: Context,
}

/// Terraform creates an object. See [`Resource::create`].
pub struct CreateRequest<R: Resource> {
    /// The configuration, with write-only values, all known.
    pub config: R::Model,
    /// The planned state.
    pub planned: R::Model,
    /// The planned private data.
    pub private: Option<R::Private>,
    /// To record what exists so far.
    pub checkpoint: Checkpoint<R>,
    /// The rest.
    pub context: Context,
}

/// Terraform changes an object. See [`Resource::update`].
pub struct UpdateRequest<R: Resource> {
    /// The configuration, with write-only values, all known.
    pub config: R::Model,
    /// The state before.
    pub prior: R::Model,
    /// The planned state.
    pub planned: R::Model,
    /// The planned private data.
    pub private: Option<R::Private>,
    /// The planned identity.
    pub identity: Option<R::Identity>,
    /// To record what exists so far.
    pub checkpoint: Checkpoint<R>,
    /// The rest.
    pub context: Context,
}

/// Terraform deletes an object. See [`Resource::delete`].
pub struct DeleteRequest<R: Resource> {
    /// What is to be deleted.
    pub prior: R::Model,
    /// The private data stored with it.
    pub private: Option<R::Private>,
    /// The identity stored with it.
    pub identity: Option<R::Identity>,
    /// The rest.
    pub context: Context,
}

/// The outcome of a create or update: a state, and possibly errors beside it.
pub struct Applied<R: Resource> {
    /// The object as it is now. `None` records the last checkpoint, or else the prior state.
    pub state: Option<R::Model>,
    /// Private data; `None` keeps what was planned.
    pub private: Option<R::Private>,
    /// The identity; `None` asks [`Resource::identity`].
    pub identity: Option<R::Identity>,
    /// Errors here do not lose the state: a new object is recorded as tainted, a changed one as given.
    pub diagnostics: Diagnostics,
}

impl<R: Resource> Applied<R> {
    /// All went well.
    pub fn new(state: R::Model) -> Self {
        Self { state: Some(state), private: None, identity: None, diagnostics: Diagnostics::new() }
    }

    /// Private data to store.
    #[must_use]
    pub fn private(mut self, private: R::Private) -> Self {
        self.private = Some(private);
        self
    }

    /// Adds a diagnostic.
    #[must_use]
    pub fn with(mut self, diagnostic: Diagnostic) -> Self {
        self.diagnostics.push(diagnostic);
        self
    }

    /// Adds diagnostics.
    #[must_use]
    pub fn with_all(mut self, diagnostics: Diagnostics) -> Self {
        self.diagnostics.extend(diagnostics);
        self
    }
}

/// Records what exists remotely while a create or update is still running. If it then fails, panics or is cancelled, the
/// last record becomes the state, so that the next run finds the object instead of making a second one.
pub struct Checkpoint<R: Resource> {
    record: Arc<Mutex<Option<CheckpointRecord>>>,
    resource: PhantomData<fn() -> R>,
}

#[derive(Default)]
pub(crate) struct CheckpointRecord {
    pub(crate) state: Dynamic,
    pub(crate) private: Option<Vec<u8>>,
}

impl<R: Resource> Default for Checkpoint<R> {
    fn default() -> Self {
        Self { record: Arc::default(), resource: PhantomData }
    }
}

impl<R: Resource> Clone for Checkpoint<R> {
    fn clone(&self) -> Self {
        Self { record: Arc::clone(&self.record), resource: PhantomData }
    }
}

impl<R: Resource> Checkpoint<R> {
    /// Call it right after the first remote write, and again when more is known. What is still unknown in the state is
    /// recorded as null.
    ///
    /// # Errors
    /// When the state cannot be encoded: an error of the provider's author.
    pub fn save(&self, state: &R::Model) -> Result<(), Diagnostics> {
        self.store(state, None)
    }

    /// The same, with private data.
    ///
    /// # Errors
    /// When either cannot be encoded: an error of the provider's author.
    pub fn save_with_private(&self, state: &R::Model, private: &R::Private) -> Result<(), Diagnostics> {
        self.store(state, Some(crate::adapter::encode_private(private)?))
    }

    fn store(&self, state: &R::Model, private: Option<Vec<u8>>) -> Result<(), Diagnostics> {
        let state = crate::model::to_dynamic(state).map_err(crate::model::ModelError::into_diagnostics)?;
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        let private = private.or_else(|| record.take().and_then(|earlier| earlier.private));
        *record = Some(CheckpointRecord { state, private });
        Ok(())
    }

    pub(crate) fn from_record(record: Arc<Mutex<Option<CheckpointRecord>>>) -> Self {
        Self { record, resource: PhantomData }
    }
}

/// What an import starts from.
pub enum ImportTarget<I> {
    /// `terraform import ADDRESS ID`, or `import { id = … }`.
    Id(String),
    /// `import { identity = { … } }`. Attributes that are optional for import may be null.
    Identity(I),
}

/// Terraform imports an object. See [`Resource::import`].
pub struct ImportRequest<R: Resource> {
    /// What the user named.
    pub target: ImportTarget<R::Identity>,
    /// The rest.
    pub context: Context,
}

/// The outcome of an import.
pub struct Imported<R: Resource> {
    /// The state: what [`Resource::read`] needs, the rest may be null.
    pub state: R::Model,
    /// Private data to store.
    pub private: Option<R::Private>,
    /// The identity; `None` asks [`Resource::identity`].
    pub identity: Option<R::Identity>,
    /// Warnings.
    pub diagnostics: Diagnostics,
}

impl<R: Resource> Imported<R> {
    /// This state, nothing else.
    pub fn new(state: R::Model) -> Self {
        Self { state, private: None, identity: None, diagnostics: Diagnostics::new() }
    }
}

/// Terraform found a state of an older schema version. See [`Resource::upgrade_state`].
pub struct UpgradeRequest {
    /// The version the state was written under.
    pub version: i64,
    /// The state.
    pub state: RawState,
    /// The rest.
    pub context: Context,
}

/// Terraform moves an object here from another type. See [`Resource::move_state`].
pub struct MoveRequest {
    /// The full address of the provider it comes from, such as `registry.terraform.io/hashicorp/aws`.
    pub source_provider_address: String,
    /// The type it comes from.
    pub source_type_name: String,
    /// The schema version its state was written under.
    pub source_schema_version: i64,
    /// Its state. It may hold secrets in plain text, such as those of resources without write-only attributes.
    pub source_state: RawState,
    /// Its private data, in the source's own format.
    pub source_private: Vec<u8>,
    /// Its identity, if it has one.
    pub source_identity: Option<RawState>,
    /// The rest.
    pub context: Context,
}

/// The outcome of a move.
pub struct Moved<R: Resource> {
    /// The state here.
    pub state: R::Model,
    /// Private data to store.
    pub private: Option<R::Private>,
    /// The identity; `None` asks [`Resource::identity`].
    pub identity: Option<R::Identity>,
    /// Warnings.
    pub diagnostics: Diagnostics,
}

impl<R: Resource> Moved<R> {
    /// This state, nothing else.
    pub fn new(state: R::Model) -> Self {
        Self { state, private: None, identity: None, diagnostics: Diagnostics::new() }
    }
}

/// A state as it stands in the state file, in JSON. Erased from memory on drop; `Debug` shows its size only.
#[derive(Clone)]
pub struct RawState {
    json: Zeroizing<Vec<u8>>,
}

impl RawState {
    /// A state from its JSON text.
    #[must_use]
    pub fn from_json(json: Vec<u8>) -> Self {
        Self { json: Zeroizing::new(json) }
    }

    /// Reads it as plain JSON: into a struct with just the needed fields, or a `serde_json::Value`.
    ///
    /// # Errors
    /// A diagnostic when the JSON does not fit.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Diagnostics> {
        serde_json::from_slice(&self.json).map_err(|error| {
            // serde_json's own text may quote a value of the state.
            Diagnostic::error("the stored state cannot be read")
                .detail(format!(
                    "It does not have the expected shape (line {}, column {}).",
                    error.line(),
                    error.column()
                ))
                .into()
        })
    }

    /// Reads it under a schema (an older one, say) as a value; attributes the schema does not know are dropped.
    ///
    /// # Errors
    /// A diagnostic when the JSON does not fit the schema.
    pub fn decode(&self, schema: &Schema) -> Result<Dynamic, Diagnostics> {
        crate::codec::decode_json(&self.json, &schema.implied_type())
            .map_err(|error| error.into_diagnostics("the stored state"))
    }
}

impl std::fmt::Debug for RawState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RawState({} bytes)", self.json.len())
    }
}

/// Private data is stored as JSON; `()` as nothing.
pub(crate) fn private_bytes<T: Serialize>(private: &T) -> Result<Vec<u8>, serde_json::Error> {
    let bytes = serde_json::to_vec(private)?;
    Ok(if bytes == b"null" { Vec::new() } else { bytes })
}
