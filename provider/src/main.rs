//! The provider's binary. Terraform starts it and speaks plugin protocol 6 with it; started by hand it says what it is.

mod actions;
mod annotations;
mod client;
mod data_sources;
mod diagnostics;
mod docs;
mod ephemeral_resources;
mod generator;
mod list_resources;
mod names;
mod provider;
mod resources;
mod schedule;
mod stores;
#[cfg(test)]
mod tests;
mod text;

use std::path::Path;
use std::process::ExitCode;

use tf_plugin::{ServeOptions, serve};

/// Where Terraform finds the provider.
const ADDRESS: &str = "registry.terraform.io/secretlint/secret";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--version" | "-version" | "version"] => {
            tell(&mut std::io::stdout(), concat!("terraform-provider-secret ", env!("CARGO_PKG_VERSION")));
            ExitCode::SUCCESS
        }
        // For the developers of this provider: `make docs`.
        ["docs", docs, examples] => match docs::write(Path::new(docs), Path::new(examples)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                tell(&mut std::io::stderr(), &format!("the pages could not be written to `{docs}`: {error}"));
                ExitCode::FAILURE
            }
        },
        _ => serve(provider::SecretProvider, ServeOptions::new(ADDRESS)),
    }
}

fn tell(stream: &mut dyn std::io::Write, text: &str) {
    // Nobody is left to tell if the stream is closed.
    let _ = writeln!(stream, "{text}");
}
