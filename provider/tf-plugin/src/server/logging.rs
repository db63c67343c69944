//! Logs for Terraform: JSON lines in the form of hclog on stderr, at the level of `TF_LOG_PROVIDER` or `TF_LOG`, from a list of
//! crates that are known not to log values. Libraries for HTTP and clouds are not on it: at trace level they log bodies.

use std::fmt;
use std::io::{self, Write};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// Installs logging and the panic hook for the process.
pub(super) fn install(targets: &[String]) {
    let level = level(|name| std::env::var(name).ok());
    let mut filter = Targets::new().with_target("tf_plugin", level);
    for target in targets {
        filter = filter.with_target(target.clone(), level);
    }
    // Fails when the provider's author has installed another subscriber: that one is then used.
    let _ = tracing_subscriber::registry().with(Hclog.with_filter(filter)).try_init();
    // The text of a panic may hold the value that caused it; its place in the code cannot.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        tracing::error!(target: "tf_plugin", place, "the provider crashed; the text of the panic is withheld");
    }));
}

/// Errors only, unless Terraform was asked for more.
fn level(variable: impl Fn(&str) -> Option<String>) -> LevelFilter {
    let asked = variable("TF_LOG_PROVIDER").or_else(|| variable("TF_LOG")).unwrap_or_default();
    match asked.to_ascii_uppercase().as_str() {
        "TRACE" | "JSON" => LevelFilter::TRACE,
        "DEBUG" => LevelFilter::DEBUG,
        "INFO" => LevelFilter::INFO,
        "WARN" => LevelFilter::WARN,
        "OFF" => LevelFilter::OFF,
        _ => LevelFilter::ERROR,
    }
}

struct Hclog;

impl<S: Subscriber> Layer<S> for Hclog {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Map::new();
        event.record(&mut Fields(&mut line));
        let level = match *event.metadata().level() {
            Level::ERROR => "error",
            Level::WARN => "warn",
            Level::INFO => "info",
            Level::DEBUG => "debug",
            Level::TRACE => "trace",
        };
        line.insert("@level".to_owned(), level.into());
        line.insert("@module".to_owned(), event.metadata().target().into());
        line.insert("@timestamp".to_owned(), format!("{:.6}", jiff::Timestamp::now()).into());
        let mut text = Value::Object(line).to_string();
        text.push('\n');
        // One write, so that lines of several threads do not mix. A closed stderr is no reason to fail.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

struct Fields<'a>(&'a mut Map<String, Value>);

impl Fields<'_> {
    fn put(&mut self, field: &Field, value: Value) {
        let name = if field.name() == "message" { "@message" } else { field.name() };
        self.0.insert(name.to_owned(), value);
    }
}

impl Visit for Fields<'_> {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], expected: LevelFilter) {
        let found = level(|name| {
            variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
        });
        assert_eq!(found, expected, "{variables:?}");
    }

    #[test]
    fn the_level_is_terraforms_and_quiet_without_it() {
        check(&[], LevelFilter::ERROR);
        check(&[("TF_LOG", "trace")], LevelFilter::TRACE);
        check(&[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "WARN")], LevelFilter::WARN);
        check(&[("TF_LOG", "OFF")], LevelFilter::OFF);
    }
}
