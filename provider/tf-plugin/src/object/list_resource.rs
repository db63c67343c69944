//! List resources (Terraform ≥ 1.14, `terraform query`): finds existing remote objects that could be imported.

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::{Context, Model, Resource};
use crate::{Diagnostic, Diagnostics, Schema};

/// A list resource. It is registered under the type name of the managed resource whose objects it finds.
#[async_trait]
pub trait ListResource: Sized + Send + Sync + 'static {
    /// The provider's client.
    type Client: Clone + Send + Sync + 'static;
    /// What to look for: the `config` block.
    type Config: Model;
    /// The managed resource whose objects are found. It has an identity.
    type Resource: Resource<Client = Self::Client>;

    /// The schema of the `config` block. Called once.
    fn schema(&self) -> Schema;

    /// Checks the configuration. Any value may be unknown.
    async fn validate(&self, _config: Self::Config, _context: Context) -> Diagnostics {
        Diagnostics::new()
    }

    /// Finds objects and sends each to the sink; ends early when the sink says so. Everything in the configuration is known.
    ///
    /// # Errors
    /// Diagnostics for the user; what was sent before stays.
    async fn list(
        &self,
        client: &Self::Client,
        request: ListRequest<Self>,
        sink: ListSink<Self::Resource>,
    ) -> Result<(), Diagnostics>;
}

/// Terraform looks for objects. See [`ListResource::list`].
pub struct ListRequest<L: ListResource> {
    /// What to look for.
    pub config: L::Config,
    /// Whether [`Listed::resource`] is wanted too; when not, it may be left out to save requests.
    pub resource_wanted: ResourceWanted,
    /// The most objects to send; the sink ends by itself after them.
    pub limit: usize,
    /// The rest.
    pub context: Context,
}

/// Whether Terraform wants the found objects' attributes, or their identities only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceWanted {
    /// Identity and display name suffice.
    No,
    /// The attributes too.
    Yes,
}

/// One object found.
pub struct Listed<R: Resource> {
    /// Its identity.
    pub identity: R::Identity,
    /// How to show it to the user.
    pub display_name: String,
    /// Its attributes.
    pub resource: Option<R::Model>,
    /// Warnings about this object.
    pub diagnostics: Vec<Diagnostic>,
}

/// Takes the objects found.
pub struct ListSink<R: Resource> {
    sender: mpsc::Sender<Listed<R>>,
    remaining: usize,
}

impl<R: Resource> ListSink<R> {
    /// A sink that ends after `limit` objects, and where they arrive.
    #[must_use]
    pub fn channel(limit: usize) -> (Self, mpsc::Receiver<Listed<R>>) {
        let (sender, receiver) = mpsc::channel(16);
        (Self { sender, remaining: limit }, receiver)
    }

    /// Sends one object.
    ///
    /// # Errors
    /// [`ListingEnded`] when Terraform has enough: stop, with `Ok(())`.
    pub async fn send(&mut self, listed: Listed<R>) -> Result<(), ListingEnded> {
        if self.remaining == 0 {
            return Err(ListingEnded);
        }
        self.remaining -= 1;
        self.sender.send(listed).await.map_err(|_| ListingEnded)
    }
}

/// Terraform wants no more objects: it has enough, or it was interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("terraform wants no more objects")]
pub struct ListingEnded;
