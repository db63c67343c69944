//! The first words between Terraform and a provider: what the environment says, and the one line answered on stdout.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::ServeError;
use super::listener::Address;

/// Tells a plugin that it was started by Terraform and not by a person. Not a secret: it is the same for every provider.
const COOKIE_NAME: &str = "TF_PLUGIN_MAGIC_COOKIE";
const COOKIE_VALUE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// How the process was started.
pub(super) enum Start {
    /// By Terraform.
    Plugin(Handshake),
    /// With `--debug`.
    Debug,
    /// By a person who does not know that this is a plugin.
    ByHand,
}

/// What Terraform says in the environment.
pub(super) struct Handshake {
    /// The certificate Terraform will show. Absent only when TLS was turned off on its side.
    pub(super) client_certificate: Option<CertificateDer<'static>>,
    /// Where to make the folder of the socket.
    pub(super) socket_folder: Option<PathBuf>,
    /// The ports to choose from where there are no Unix sockets.
    #[cfg_attr(unix, expect(dead_code, reason = "for systems without Unix sockets"))]
    pub(super) ports: (u16, u16),
}

impl Start {
    pub(super) fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ServeError> {
        if variable(COOKIE_NAME).as_deref() != Some(COOKIE_VALUE) {
            return Ok(Self::ByHand);
        }
        let unusable =
            |variable, reason: &str| ServeError::Environment { variable, reason: reason.to_owned() };
        if let Some(versions) = variable("PLUGIN_PROTOCOL_VERSIONS")
            && !versions.split(',').any(|version| version.trim() == "6")
        {
            let reason =
                "this Terraform does not speak plugin protocol 6; use Terraform or OpenTofu 1.11 or newer";
            return Err(unusable("PLUGIN_PROTOCOL_VERSIONS", reason));
        }
        // An empty variable is not an absent one: TLS must not vanish by accident.
        let client_certificate = variable("PLUGIN_CLIENT_CERT")
            .map(|pem| {
                CertificateDer::from_pem_slice(pem.as_bytes())
                    .map_err(|_| unusable("PLUGIN_CLIENT_CERT", "it is not a certificate in PEM"))
            })
            .transpose()?;
        let port = |name: &'static str, default: u16| {
            variable(name)
                .map_or(Ok(default), |text| text.parse().map_err(|_| unusable(name, "it is not a port")))
        };
        Ok(Self::Plugin(Handshake {
            client_certificate,
            socket_folder: variable("PLUGIN_UNIX_SOCKET_DIR")
                .filter(|folder| !folder.is_empty())
                .map(PathBuf::from),
            ports: (port("PLUGIN_MIN_PORT", 10_000)?, port("PLUGIN_MAX_PORT", 25_000)?),
        }))
    }
}

/// The answer: go-plugin's own version, the protocol's, where to connect, how, and our certificate (base64 without
/// padding, which Go insists on).
pub(super) fn line(address: &Address, certificate: Option<&[u8]>) -> String {
    let certificate = certificate.map(|der| STANDARD_NO_PAD.encode(der)).unwrap_or_default();
    format!("1|6|{}|{}|grpc|{certificate}\n", address.network, address.text)
}

/// What a person copies into another terminal to let Terraform use a process started with `--debug`.
pub(super) fn reattach(provider: &str, address: &Address) -> String {
    let providers = serde_json::json!({
        provider: {
            "Protocol": "grpc",
            "ProtocolVersion": 6,
            "Pid": std::process::id(),
            "Test": true,
            "Addr": { "Network": address.network, "String": address.text },
        }
    });
    format!(
        "Provider started. To use it, run Terraform in another terminal with this variable; Ctrl-C here ends it.\n\n\
         export TF_REATTACH_PROVIDERS='{providers}'\n"
    )
}

/// For a person who started the program by hand.
pub(super) fn explanation(address: &str) -> String {
    let source = address.strip_prefix("registry.terraform.io/").unwrap_or(address);
    let local_name = source.rsplit('/').next().unwrap_or(source);
    format!(
        "This program is a Terraform provider: Terraform (or OpenTofu) starts it, it does nothing by itself.\n\
         \n\
         To use it, name it in a configuration and run `terraform init`:\n\
         \n\
         \x20   terraform {{\n\
         \x20     required_providers {{\n\
         \x20       {local_name} = {{ source = \"{source}\" }}\n\
         \x20     }}\n\
         \x20   }}\n\
         \n\
         To run it under a debugger, start it with `--debug`."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(variables: &[(&str, &str)]) -> Result<Start, ServeError> {
        Start::from_environment(|name| {
            variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn without_the_cookie_a_person_started_it() {
        assert!(matches!(start(&[]), Ok(Start::ByHand)));
        assert!(matches!(start(&[(COOKIE_NAME, "x")]), Ok(Start::ByHand)));
        assert!(matches!(start(&[(COOKIE_NAME, COOKIE_VALUE)]), Ok(Start::Plugin(_))));
    }

    #[test]
    fn protocol_six_may_stand_anywhere_in_the_list() {
        for versions in ["5,6", "6,5", "6"] {
            assert!(start(&[(COOKIE_NAME, COOKIE_VALUE), ("PLUGIN_PROTOCOL_VERSIONS", versions)]).is_ok());
        }
        assert!(start(&[(COOKIE_NAME, COOKIE_VALUE), ("PLUGIN_PROTOCOL_VERSIONS", "4,5")]).is_err());
    }

    #[test]
    fn a_broken_certificate_does_not_turn_tls_off() {
        for certificate in ["", "nonsense"] {
            assert!(start(&[(COOKIE_NAME, COOKIE_VALUE), ("PLUGIN_CLIENT_CERT", certificate)]).is_err());
        }
    }

    #[test]
    fn the_handshake_line_has_six_fields_and_no_padding() {
        let address = Address { network: "unix", text: "/tmp/p/s".to_owned() };
        assert_eq!(line(&address, Some(&[0xff])), "1|6|unix|/tmp/p/s|grpc|/w\n");
        assert_eq!(line(&address, None), "1|6|unix|/tmp/p/s|grpc|\n");
    }
}
