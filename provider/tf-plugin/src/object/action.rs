//! Actions (Terraform ≥ 1.14): something to do on demand or around a resource's lifecycle, without a state of its own.

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::{Context, Model};
use crate::{Diagnostics, Schema};

/// An action.
#[async_trait]
pub trait Action: Sized + Send + Sync + 'static {
    /// The provider's client.
    type Client: Clone + Send + Sync + 'static;
    /// The action's configuration.
    type Config: Model;

    /// The schema: configuration only, so nothing computed. Ephemeral values may go into write-only attributes. Called once.
    fn schema(&self) -> Schema;

    /// Checks the configuration. Called unconfigured; any value may be unknown.
    async fn validate(&self, _config: Self::Config, _context: Context) -> Diagnostics {
        Diagnostics::new()
    }

    /// Looks at a planned invocation. Called at plan, without write-only values; any value may be unknown.
    ///
    /// # Errors
    /// Diagnostics that forbid the invocation.
    async fn plan(
        &self,
        _client: &Self::Client,
        _config: Self::Config,
        _context: Context,
    ) -> Result<Diagnostics, Diagnostics> {
        Ok(Diagnostics::new())
    }

    /// Does it. Everything is known, write-only values are present.
    ///
    /// # Errors
    /// Diagnostics for the user.
    async fn invoke(
        &self,
        client: &Self::Client,
        request: InvokeRequest<Self>,
    ) -> Result<Diagnostics, Diagnostics>;
}

/// Terraform invokes an action. See [`Action::invoke`].
pub struct InvokeRequest<A: Action> {
    /// The configuration, all known.
    pub config: A::Config,
    /// To tell the user how far it is.
    pub progress: Progress,
    /// The rest.
    pub context: Context,
}

/// Sends the user one line about how far an action is.
#[derive(Clone, Debug)]
pub struct Progress {
    sender: mpsc::Sender<String>,
}

impl Progress {
    /// A progress, and where its messages arrive.
    #[must_use]
    pub fn channel() -> (Self, mpsc::Receiver<String>) {
        let (sender, receiver) = mpsc::channel(16);
        (Self { sender }, receiver)
    }

    /// Shows this line to the user. No secret value.
    pub async fn report(&self, message: impl Into<String>) {
        // A client that has gone away is told by the cancellation, not here.
        let _ = self.sender.send(message.into()).await;
    }
}
