//! Identity tokens as a CI system or a Kubernetes cluster issues them: JSON Web Tokens (RFC 7519), signed with ES256.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use pem_rfc7468::LineEnding;
use serde_json::{Value, json};

/// The fixed start of a P-256 public key in the form that a PEM file has (RFC 5480), before its 65 bytes.
const PUBLIC_KEY_START: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Somebody who issues tokens.
#[derive(Debug)]
pub struct Issuer {
    key: EcdsaKeyPair,
}

impl Issuer {
    /// An issuer with a new key.
    pub fn create() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key is generated");
        Self { key }
    }

    /// The key that verifies the tokens, for `jwt_validation_pubkeys` of OpenBao's method `jwt`.
    pub fn public_key_pem(&self) -> String {
        let key = [&PUBLIC_KEY_START, self.key.public_key().as_ref()].concat();
        pem_rfc7468::encode_string("PUBLIC KEY", LineEnding::LF, &key).expect("a key is small")
    }

    /// A token with these claims, beside the times that make it valid for an hour from now.
    pub fn token(&self, claims: &Value) -> String {
        let now =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("it is after 1970");
        let now = now.as_secs();
        let mut all = json!({"iat": now, "nbf": now - 60, "exp": now + 3600});
        if let (Some(all), Some(claims)) = (all.as_object_mut(), claims.as_object()) {
            all.extend(claims.clone());
        }
        let encode = |json: &Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", encode(&json!({"alg": "ES256", "typ": "JWT"})), encode(&all));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).expect("the key signs");
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::servers::openbao::OpenBao;

    #[test]
    fn openbao_accepts_the_tokens_of_its_issuer_alone() {
        let Some(bao) = OpenBao::shared() else { return };
        let issuer = Issuer::create();
        let mount = bao.fresh_auth_method("jwt");
        let keys = json!({"jwt_validation_pubkeys": [issuer.public_key_pem()]});
        bao.write(&format!("auth/{mount}/config"), &keys);
        let role = json!({
            "role_type": "jwt", "user_claim": "sub", "bound_audiences": "openbao",
            "bound_subject": "repo:example/orders", "token_policies": "default",
        });
        bao.write(&format!("auth/{mount}/role/ci"), &role);
        let login = |token: String| {
            bao.request("PUT", &format!("auth/{mount}/login"), Some(&json!({"role": "ci", "jwt": token})))
        };
        let claims = json!({"sub": "repo:example/orders", "aud": "openbao"});
        let answer = login(issuer.token(&claims)).succeeds();
        assert_eq!(answer["auth"]["policies"], json!(["default"]));
        assert_eq!(login(Issuer::create().token(&claims)).status, 400);
        assert_eq!(login(issuer.token(&json!({"sub": "another", "aud": "openbao"}))).status, 400);
    }
}
