//! Functions that OPA 1.0 took away; policies of version 0 call them.

use std::collections::BTreeSet;

use regex::Regex;
use regorus::Value;

use super::{Arguments, CallError};

pub(super) fn any(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    elements(arguments).map(|elements| Value::from(elements.contains(&&Value::Bool(true))))
}

pub(super) fn all(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    elements(arguments)
        .map(|elements| Value::from(elements.iter().all(|element| **element == Value::Bool(true))))
}

fn elements<'call>(arguments: &'call Arguments<'_>) -> Result<Vec<&'call Value>, CallError> {
    match arguments.value(0) {
        Value::Array(elements) => Ok(elements.iter().collect()),
        Value::Set(elements) => Ok(elements.iter().collect()),
        _ => Err(arguments.wrong(0, "an array or a set")),
    }
}

pub(super) fn re_match(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    let pattern = Regex::new(arguments.text(0)?).map_err(|error| CallError::Value(error.to_string()))?;
    Ok(Value::from(pattern.is_match(arguments.text(1)?)))
}

pub(super) fn set_diff(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    match (arguments.value(0), arguments.value(1)) {
        (Value::Set(left), Value::Set(right)) => {
            let rest: BTreeSet<Value> = left.iter().filter(|value| !right.contains(value)).cloned().collect();
            Ok(Value::from(rest))
        }
        (Value::Set(_), _) => Err(arguments.wrong(1, "a set")),
        _ => Err(arguments.wrong(0, "a set")),
    }
}
