//! `make plans`: records the plan of every example of a rule again, with real Terraform. With arguments, only of the rules
//! whose id contains one of them.

use std::process::ExitCode;

use secretlint_tests::recorded::{examples, record};
use secretlint_tests::terraform::{Version, Workspace};

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |rule: &str| wanted.is_empty() || wanted.iter().any(|part| rule.contains(part.as_str()));
    let examples: Vec<_> = examples().into_iter().filter(|example| is_wanted(&example.name())).collect();
    let mut changed = 0_usize;
    for example in &examples {
        let Some(mut workspace) = Workspace::new(Version::Newest) else { return ExitCode::FAILURE };
        let text = record(&mut workspace, &example.folder);
        let path = example.plan();
        if std::fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
            if let Err(error) = std::fs::write(&path, text) {
                eprintln!("{}: {error}", path.display());
                return ExitCode::FAILURE;
            }
            changed += 1;
            println!("recorded {}", example.name());
        }
    }
    println!("{} plans, {changed} changed", examples.len());
    ExitCode::SUCCESS
}
