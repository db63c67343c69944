//! `crypto.*`: digests and keyed digests, in hexadecimal. Policies compare them with known ones; nothing is kept secret by them here.

use hmac::{Hmac, Mac};
use md5::Md5;
use regorus::Value;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::{Arguments, CallError};

pub(super) fn md5(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    Ok(hexadecimal(&Md5::digest(arguments.text(0)?)))
}

pub(super) fn sha1(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    Ok(hexadecimal(&Sha1::digest(arguments.text(0)?)))
}

pub(super) fn sha256(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    Ok(hexadecimal(&Sha256::digest(arguments.text(0)?)))
}

pub(super) fn hmac_md5(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    keyed(Hmac::<Md5>::new_from_slice(key(arguments)?), arguments)
}

pub(super) fn hmac_sha1(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    keyed(Hmac::<Sha1>::new_from_slice(key(arguments)?), arguments)
}

pub(super) fn hmac_sha256(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    keyed(Hmac::<Sha256>::new_from_slice(key(arguments)?), arguments)
}

pub(super) fn hmac_sha512(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    keyed(Hmac::<Sha512>::new_from_slice(key(arguments)?), arguments)
}

pub(super) fn hmac_equal(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    Ok(Value::from(arguments.text(0)? == arguments.text(1)?))
}

fn key<'call>(arguments: &'call Arguments<'_>) -> Result<&'call [u8], CallError> {
    arguments.text(1).map(str::as_bytes)
}

fn keyed<M: Mac, E: std::fmt::Display>(
    mac: Result<M, E>,
    arguments: &Arguments<'_>,
) -> Result<Value, CallError> {
    let mut mac = mac.map_err(|error| CallError::Value(error.to_string()))?;
    mac.update(arguments.text(0)?.as_bytes());
    Ok(hexadecimal(&mac.finalize().into_bytes()))
}

fn hexadecimal(bytes: &[u8]) -> Value {
    Value::from(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}
