//! Ephemeral resources (Terraform ≥ 1.10, OpenTofu ≥ 1.11): values that exist while Terraform runs and are never stored.

use std::time::SystemTime;

use async_trait::async_trait;

use super::{Context, Model};
use crate::{Diagnostic, Diagnostics, Schema};

/// An ephemeral resource.
///
/// Terraform opens it during plan **and again** during apply, in other processes and with other results: opening must
/// not change anything that lasts.
#[async_trait]
pub trait EphemeralResource: Sized + Send + Sync + 'static {
    /// The provider's client.
    type Client: Clone + Send + Sync + 'static;
    /// Configuration and result; secrets of the result as [`Exposed<T>`](crate::Exposed).
    type Model: Model;
    /// What renew and close need to know, such as a lease id. Held by Terraform in memory only. `()` for none.
    type Private: Model;

    /// The schema. Write-only attributes are not allowed in it. Called once.
    fn schema(&self) -> Schema;

    /// Checks the configuration. Called at validate and again at plan, unconfigured; any value may be unknown.
    async fn validate(&self, _config: Self::Model, _context: Context) -> Diagnostics {
        Diagnostics::new()
    }

    /// Makes the value. Everything in the configuration is known (while it is not, Terraform does not open it). The result
    /// must repeat the configuration and fill in everything computed.
    ///
    /// # Errors
    /// Diagnostics for the user; nothing is then closed.
    async fn open(
        &self,
        client: &Self::Client,
        request: OpenRequest<Self>,
    ) -> Result<Opened<Self>, Diagnostics>;

    /// Prolongs it, when `renew_at` has come and Terraform is still running. An error ends the renewing, and Terraform
    /// before 1.17 does not show it.
    ///
    /// # Errors
    /// Diagnostics for the user.
    async fn renew(
        &self,
        _client: &Self::Client,
        request: RenewRequest<Self>,
    ) -> Result<Renewed<Self>, Diagnostics> {
        Err(Diagnostic::error(format!("`{}` cannot be renewed", request.context.type_name)).into())
    }

    /// Ends it, when nothing needs it any more. Given is the private data of **open**, never that of a renewal.
    /// Its cancellation token is not cancelled by an interrupt: an interrupted run still closes.
    ///
    /// # Errors
    /// Diagnostics for the user.
    async fn close(
        &self,
        _client: &Self::Client,
        _request: CloseRequest<Self>,
    ) -> Result<Diagnostics, Diagnostics> {
        Ok(Diagnostics::new())
    }
}

/// Terraform needs the value. See [`EphemeralResource::open`].
pub struct OpenRequest<E: EphemeralResource> {
    /// The configuration, all known.
    pub config: E::Model,
    /// The rest.
    pub context: Context,
}

/// The outcome of opening.
pub struct Opened<E: EphemeralResource> {
    /// The result.
    pub result: E::Model,
    /// What renew and close need to know.
    pub private: Option<E::Private>,
    /// When to renew; `None` for never.
    pub renew_at: Option<SystemTime>,
    /// Warnings.
    pub diagnostics: Diagnostics,
}

impl<E: EphemeralResource> Opened<E> {
    /// A result that needs neither renewing nor closing.
    pub fn new(result: E::Model) -> Self {
        Self { result, private: None, renew_at: None, diagnostics: Diagnostics::new() }
    }

    /// What renew and close need to know.
    #[must_use]
    pub fn private(mut self, private: E::Private) -> Self {
        self.private = Some(private);
        self
    }

    /// When to renew.
    #[must_use]
    pub fn renew_at(mut self, time: SystemTime) -> Self {
        self.renew_at = Some(time);
        self
    }
}

/// The time to renew has come. See [`EphemeralResource::renew`].
pub struct RenewRequest<E: EphemeralResource> {
    /// The private data of the last renewal, or of open.
    pub private: Option<E::Private>,
    /// The rest.
    pub context: Context,
}

/// The outcome of renewing.
pub struct Renewed<E: EphemeralResource> {
    /// Private data for the next renewal; `None` keeps what there is.
    pub private: Option<E::Private>,
    /// When to renew again; `None` for never.
    pub renew_at: Option<SystemTime>,
    /// Warnings.
    pub diagnostics: Diagnostics,
}

/// Nothing needs it any more. See [`EphemeralResource::close`].
pub struct CloseRequest<E: EphemeralResource> {
    /// The private data of open.
    pub private: Option<E::Private>,
    /// The rest.
    pub context: Context,
}
