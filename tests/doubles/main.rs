//! The doubles of AWS and their faults, pinned: what AWS documents, what each double does as it is published, and that it does what AWS
//! documents once its faults are corrected. An upgrade that changes a double is seen here, and a correction that is needed no longer.

mod probes;

use regex::Regex;
use secretlint_tests::servers::aws::ministack::Ministack;
use secretlint_tests::servers::aws::moto::Moto;
use secretlint_tests::servers::aws::{Api, Faults};
use serde_json::Value;

use probes::{PROBES, Probe};

/// The double where a fault is pinned.
#[derive(Clone, Copy)]
enum Double {
    Moto,
    Ministack,
}

#[test]
fn moto_as_it_is_published_has_the_faults_that_are_pinned() {
    let Some(moto) = Moto::start_with(Faults::AsPublished) else { return };
    check(moto.api(), |probe| probe.moto.unwrap_or(probe.right));
}

#[test]
fn moto_with_its_faults_corrected_does_what_aws_documents() {
    let Some(moto) = Moto::start() else { return };
    check(moto.api(), |probe| probe.right);
}

#[test]
fn ministack_as_it_is_published_has_the_faults_that_are_pinned() {
    let Some(stack) = Ministack::start_with(Faults::AsPublished) else { return };
    check(stack.api(), |probe| probe.ministack.unwrap_or(probe.right));
}

#[test]
fn ministack_with_its_faults_corrected_does_what_aws_documents() {
    let Some(stack) = Ministack::start() else { return };
    check(stack.api(), |probe| probe.right);
}

#[test]
fn a_pinned_fault_is_one() {
    for probe in PROBES {
        for double in [Double::Moto, Double::Ministack] {
            let pinned = match double {
                Double::Moto => probe.moto,
                Double::Ministack => probe.ministack,
            };
            assert_ne!(pinned, Some(probe.right), "{}", probe.behaviour);
        }
    }
}

/// Makes the calls of all probes, and compares what each shows with what is expected of it.
#[track_caller]
fn check(api: &Api, expected: impl Fn(&Probe) -> &'static str) {
    let mut wrong = String::new();
    for (number, probe) in PROBES.iter().enumerate() {
        let (shown, expected) = (shown(api, number, probe), expected(probe));
        if shown != expected {
            wrong += &format!("{}\n    shown    {shown}\n    expected {expected}\n", probe.behaviour);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// What the last call of a probe answers, at the place that it names, or the error of the first call that is refused.
fn shown(api: &Api, number: usize, probe: &Probe) -> String {
    // Version ids are long, and each probe has a secret of its own.
    let name = format!("probe-{number:02}");
    let version = |digit: usize| format!("00000000-0000-4000-8000-{digit:012}");
    let mut answer = Value::Null;
    let mut key = String::new();
    for (operation, parameters) in probe.calls {
        let (region, operation) = operation.split_once(' ').unwrap_or((api.region(), operation));
        let (service, operation) = operation.split_once(':').unwrap_or(("secretsmanager", operation));
        let mut parameters = parameters.replace("$name", &name).replace("$key", &key);
        for digit in 1..=3 {
            parameters = parameters.replace(&format!("${digit}"), &version(digit));
        }
        let parameters = parameters.replace("$65537", &"a".repeat(65_537)).replace("$labels", &labels());
        let parameters =
            serde_json::from_str(&parameters).unwrap_or_else(|error| panic!("{parameters}: {error}"));
        match api.in_region(region).call(service, operation, parameters) {
            Ok(told) => answer = told,
            Err(refused) => return refused.code,
        }
        if let Some(made) = answer["KeyMetadata"]["Arn"].as_str() {
            made.clone_into(&mut key);
        }
    }
    if probe.place.is_empty() {
        return "done".to_owned();
    }
    let place = (1..=3)
        .fold(probe.place.to_owned(), |place, digit| place.replace(&format!("${digit}"), &version(digit)));
    let found = answer.pointer(&place).unwrap_or(&Value::Null);
    let mut text = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
    for digit in 1..=3 {
        text = text.replace(&version(digit), &format!("${digit}"));
    }
    let other_version = Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{21}").expect("a valid pattern");
    other_version.replace_all(&text, "another").replace(&name, "$name")
}

/// As many labels as fit beside AWSCURRENT.
fn labels() -> String {
    (1..20).map(|number| format!("\"label-{number}\"")).collect::<Vec<_>>().join(", ")
}
