//! The ephemeral resources, one file each: values while Terraform runs, in no plan and no state.

mod secret;
mod secret_lease;
mod secret_password;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secret_store::SecretValue;
use serde::Deserialize;
use tf_plugin::{NotText, WireSecret, WireSink};

pub(crate) use secret::EphemeralSecret;
pub(crate) use secret_lease::SecretLease;
pub(crate) use secret_password::SecretPassword;

/// A value on its way to Terraform: the one place of this provider where a secret leaves its type.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Sent(SecretValue);

impl From<SecretValue> for Sent {
    fn from(value: SecretValue) -> Self {
        Self(value)
    }
}

impl Sent {
    /// The value, if it is text.
    #[expect(clippy::disallowed_methods, reason = "asks only whether it is text; the text goes no further")]
    pub(crate) fn text(value: &SecretValue) -> Option<Self> {
        value.expose_text().is_some().then(|| Self(value.clone()))
    }

    /// The value in Base64, as which any bytes can be sent.
    #[expect(
        clippy::disallowed_methods,
        reason = "another spelling of the value, in its own type again at once"
    )]
    pub(crate) fn base64(value: &SecretValue) -> Self {
        Self(SecretValue::from_text(STANDARD.encode(value.expose())))
    }
}

impl WireSecret for Sent {
    #[expect(
        clippy::disallowed_methods,
        reason = "the wire encoder: an ephemeral result is what the user asked for"
    )]
    fn send_to(&self, sink: &mut WireSink) -> Result<(), NotText> {
        sink.send(self.0.expose_text().ok_or(NotText)?);
        Ok(())
    }
}
