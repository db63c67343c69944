//! For the tests of a provider: finds where schema and model disagree, and drives the provider without Terraform.
//!
//! ```no_run
//! # use tf_plugin::{ConfigureRequest, Diagnostics, Objects, Provider, Schema, async_trait};
//! # struct Note;
//! # #[async_trait]
//! # impl Provider for Note {
//! #     type Config = tf_plugin::Dynamic;
//! #     type Client = ();
//! #     fn schema(&self) -> Schema { Schema::new() }
//! #     fn objects(&self) -> Objects<()> { Objects::new() }
//! #     async fn configure(&self, _: ConfigureRequest<Self::Config>) -> Result<(), Diagnostics> { Ok(()) }
//! # }
//! #[test]
//! fn schemas_are_sound() {
//!     tf_plugin::testing::assert_schema_matches_model(Note);
//! }
//! ```

mod client;
mod model;
mod proposed;
mod sound;

pub use client::{Change, OpenedResult, Stored, TestClient};
pub use model::check_models;
pub use sound::check_schemas;

use crate::object::Provider;

/// Fails the test, with everything that is wrong, when a schema of the provider breaks Terraform's rules or disagrees with
/// its model.
///
/// # Panics
/// When anything is wrong.
#[track_caller]
pub fn assert_schema_matches_model<P: Provider>(provider: P) {
    let registry = crate::rpc::Registry::new(provider);
    let mut problems = sound::problems(&registry);
    problems.extend(model::problems(&registry));
    assert!(problems.is_empty(), "the schemas of the provider are not sound:\n- {}", problems.join("\n- "));
}
