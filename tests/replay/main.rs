//! A provider that only plans: it serves the recorded schemas of `aws`, `kubernetes` and `random`, so that the real
//! Terraform writes the plans of `examples/rules` without an account, a cluster or a download of half a gigabyte.
//!
//! It is the provider whose name it is started under (`terraform-provider-aws`, …). A creation is planned as the real
//! provider does: the configuration, what the real one plans by itself where the configuration is silent (`planned` in the
//! data file), and unknown for everything else that is computed. Of an object in the state of an example (`terraform.tfstate`), which is read as it
//! stands there, a change is planned in place, or as a replacement where an attribute of `replaced_by` changes. It creates nothing.

mod document;
mod planning;
mod schemas;
mod served;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use crate::schemas::Recorded;
use crate::served::Replay;

fn main() -> ExitCode {
    let program = std::env::args().next().unwrap_or_default();
    let name = std::env::var("REPLAY_PROVIDER").unwrap_or_else(|_| provider_name(&program));
    match Recorded::load(&name) {
        Ok(recorded) => {
            let address = format!("registry.terraform.io/{}", recorded.source);
            tf_plugin::serve(Replay::new(recorded), tf_plugin::ServeOptions::new(address))
        }
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "terraform-provider-replay: {message}");
            ExitCode::FAILURE
        }
    }
}

/// `aws`, from `/any/where/terraform-provider-aws_v6.0.0`.
fn provider_name(program: &str) -> String {
    let file = Path::new(program).file_name().unwrap_or_default().to_string_lossy();
    let name = file.strip_prefix("terraform-provider-").unwrap_or(&file);
    name.split_once("_v").map_or(name, |(name, _)| name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_program_chooses_the_provider() {
        assert_eq!(provider_name("/mirror/terraform-provider-aws"), "aws");
        assert_eq!(provider_name("terraform-provider-kubernetes_v0.1.0"), "kubernetes");
    }

    #[test]
    fn a_provider_without_a_recording_is_refused_by_name() {
        let message = Recorded::load("replay").err();
        assert_eq!(message.as_deref(), Some("no schemas are recorded for a provider named `replay`"));
    }
}
