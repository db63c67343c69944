//! Diagnostics and paths on the wire.

use crate::generated::tfplugin6 as pb;
use crate::path::PathStep;
use crate::{AttributePath, Diagnostic, Diagnostics, Severity};

pub(crate) fn diagnostics(diagnostics: Diagnostics) -> Vec<pb::Diagnostic> {
    diagnostics.into_iter().map(diagnostic).collect()
}

fn diagnostic(diagnostic: Diagnostic) -> pb::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => pb::diagnostic::Severity::Error,
        Severity::Warning => pb::diagnostic::Severity::Warning,
    };
    pb::Diagnostic {
        severity: severity.into(),
        summary: diagnostic.summary,
        detail: diagnostic.detail,
        attribute: diagnostic
            .attribute
            .filter(|attribute| !attribute.is_root())
            .map(|attribute| path(&attribute)),
    }
}

pub(crate) fn path(path: &AttributePath) -> pb::AttributePath {
    use pb::attribute_path::step::Selector;
    let steps = path
        .steps()
        .iter()
        .map(|step| {
            let selector = match step {
                PathStep::Attribute(name) => Selector::AttributeName(name.clone()),
                PathStep::Key(key) => Selector::ElementKeyString(key.clone()),
                PathStep::Index(index) => Selector::ElementKeyInt(*index),
            };
            pb::attribute_path::Step { selector: Some(selector) }
        })
        .collect();
    pb::AttributePath { steps }
}

pub(crate) fn path_from_wire(path: pb::AttributePath) -> AttributePath {
    use pb::attribute_path::step::Selector;
    let steps = path.steps.into_iter().filter_map(|step| step.selector).map(|selector| match selector {
        Selector::AttributeName(name) => PathStep::Attribute(name),
        Selector::ElementKeyString(key) => PathStep::Key(key),
        Selector::ElementKeyInt(index) => PathStep::Index(index),
    });
    AttributePath::from(steps.collect::<Vec<_>>())
}
