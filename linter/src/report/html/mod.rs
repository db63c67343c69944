//! One page that a person opens in a browser: the findings, and a picture of who may read what. Self-contained: it asks nobody for anything,
//! which its content security policy makes sure of, and it can be read without its script, which only filters.
//!
//! Written with maud, which escapes everything that is put into the page.

mod findings;
mod picture;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::human::{counted, summary};
use super::{Counts, Report};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The whole page.
#[must_use]
pub fn render(report: &Report) -> String {
    let counts = report.counts();
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        integrity(STYLE),
        integrity(SCRIPT)
    );
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { "secretlint: " (summary(report)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a class="skip" href="#findings" { "Skip to the findings" }
                header {
                    h1 { "Secrets in " (subject(report)) }
                    p class="quiet" { (summary(report)) }
                    (tiles(counts))
                }
                main {
                    @for plan in &report.plans {
                        @if let Some(map) = &plan.access {
                            (picture::section(map, (report.plans.len() > 1).then_some(plan.name.as_str())))
                        }
                    }
                    (findings::section(report))
                    (findings::rules(report))
                }
                footer {
                    p {
                        "Written by "
                        a href=(env!("CARGO_PKG_REPOSITORY")) { "secretlint" }
                        " " (env!("CARGO_PKG_VERSION")) ". It holds no secret value: texts of configuration files are masked."
                    }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string() + "\n"
}

/// What the content security policy compares an inline style or script with.
fn integrity(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

fn subject(report: &Report) -> String {
    match report.plans.as_slice() {
        [plan] => plan.name.clone(),
        plans => counted(plans.len(), "plan"),
    }
}

fn tiles(counts: Counts) -> Markup {
    let tiles = [
        ("critical", counts.critical),
        ("high", counts.high),
        ("medium", counts.medium),
        ("low", counts.low),
        ("undetermined", counts.undetermined),
        ("suppressed", counts.suppressed),
    ];
    html! {
        ul class="tiles" {
            @for (name, count) in tiles {
                li class=(name) { b { (count) } (name) }
            }
        }
    }
}

/// A sentence of ours or of a rule's author, with what stands between backticks as code.
fn prose(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    // An odd backtick is one that somebody meant.
    if parts.len().is_multiple_of(2) {
        return html! { (text) };
    }
    html! {
        @for (index, part) in parts.into_iter().enumerate() {
            @if index.is_multiple_of(2) { (part) } @else { code { (part) } }
        }
    }
}
