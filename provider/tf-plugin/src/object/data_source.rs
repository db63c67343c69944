//! Data sources: what Terraform only reads.

use async_trait::async_trait;

use super::{Context, Model};
use crate::{Diagnostics, Schema};

/// A data source.
#[async_trait]
pub trait DataSource: Sized + Send + Sync + 'static {
    /// The provider's client.
    type Client: Clone + Send + Sync + 'static;
    /// Configuration and result.
    type Model: Model;

    /// The schema. Write-only attributes are not allowed in it. Called once.
    fn schema(&self) -> Schema;

    /// Checks the configuration. Called at validate and again at plan, unconfigured; any value may be unknown.
    async fn validate(&self, _config: Self::Model, _context: Context) -> Diagnostics {
        Diagnostics::new()
    }

    /// Reads it. Called at plan, or at apply when the configuration is only known then; everything in it is known. The
    /// result must repeat the configuration and fill in what is computed; it is stored in state in plain text.
    ///
    /// # Errors
    /// Diagnostics for the user.
    async fn read(
        &self,
        client: &Self::Client,
        request: ReadDataRequest<Self>,
    ) -> Result<(Self::Model, Diagnostics), Diagnostics>;
}

/// Terraform reads a data source. See [`DataSource::read`].
pub struct ReadDataRequest<D: DataSource> {
    /// The configuration, all known.
    pub config: D::Model,
    /// The rest.
    pub context: Context,
}
