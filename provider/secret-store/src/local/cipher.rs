//! Values to and from standard age files: X25519 recipients, no passphrase, no armour, exactly the value as content, so
//! that the `age` tool opens them.

use std::io::{self, Read, Write};
use std::sync::Arc;

use age::{DecryptError, Decryptor, Encryptor};
use zeroize::Zeroizing;

use super::KIND;
use super::identity::Identities;
use crate::Result;
use crate::error::StoreError;
use crate::grant::AgeRecipient;
use crate::value::SecretValue;

/// Why a value file did not open.
#[derive(Debug)]
pub(super) enum OpenError {
    /// None of the identities is a recipient.
    NotForUs,
    /// Cut short, altered, or no age file.
    Damaged,
}

/// Encrypts a value to all recipients.
#[expect(clippy::disallowed_methods, reason = "the cipher takes the value")]
pub(super) fn seal(value: &SecretValue, recipients: &[AgeRecipient]) -> Result<Vec<u8>> {
    let failed = |error: Arc<dyn std::error::Error + Send + Sync>| StoreError::Unavailable {
        store: KIND,
        reason: "encrypting failed; please report this".to_owned(),
        source: Some(error),
    };
    let keys = recipients.iter().map(|recipient| {
        recipient
            .as_str()
            .parse::<age::x25519::Recipient>()
            .map_err(|error| failed(Arc::from(Box::from(error))))
    });
    let keys: Vec<age::x25519::Recipient> = keys.collect::<Result<_>>()?;
    let encryptor = Encryptor::with_recipients(keys.iter().map(|key| key as &dyn age::Recipient))
        .map_err(|error| failed(Arc::new(error)))?;
    let mut sealed = Vec::with_capacity(value.len() + 256 * (recipients.len() + 1));
    let write = |sealed: &mut Vec<u8>| -> io::Result<()> {
        let mut writer = encryptor.wrap_output(sealed)?;
        writer.write_all(value.expose())?;
        writer.finish().map(|_| ())
    };
    write(&mut sealed).map_err(|error| failed(Arc::new(error)))?;
    Ok(sealed)
}

/// Decrypts a value file.
pub(super) fn open(sealed: &[u8], identities: &Identities) -> Result<SecretValue, OpenError> {
    let decryptor = Decryptor::new(sealed).map_err(|_| OpenError::Damaged)?;
    let mut reader = decryptor.decrypt(identities.iter()).map_err(|error| match error {
        DecryptError::NoMatchingKeys => OpenError::NotForUs,
        _ => OpenError::Damaged,
    })?;
    // The content is shorter than the file; room for all of it, so that growing leaves no copy behind.
    let mut value = Zeroizing::new(Vec::with_capacity(sealed.len()));
    reader.read_to_end(&mut value).map_err(|_| OpenError::Damaged)?;
    Ok(SecretValue::from(value))
}
