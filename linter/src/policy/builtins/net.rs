//! `net.cidr_*`: what regorus has not of the arithmetic of networks.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use regorus::Value;

use super::{Arguments, CallError};

pub(super) fn intersects(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    let (left, right) = (network(arguments.text(0)?)?, network(arguments.text(1)?)?);
    Ok(Value::from(left.contains(&right.network()) || right.contains(&left.network())))
}

/// The former name of `net.cidr_contains`.
pub(super) fn overlap(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    let outer = network(arguments.text(0)?)?;
    Ok(Value::from(outer.contains(&network_or_address(arguments.text(1)?)?)))
}

/// The fewest networks that have the same addresses.
pub(super) fn merge(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    let wrong = || arguments.wrong(0, "an array or a set of strings");
    let elements: Vec<&Value> = match arguments.value(0) {
        Value::Array(elements) => elements.iter().collect(),
        Value::Set(elements) => elements.iter().collect(),
        _ => return Err(wrong()),
    };
    let mut networks = Vec::with_capacity(elements.len());
    for element in elements {
        let Value::String(text) = element else { return Err(wrong()) };
        networks.push(network_or_address(text)?.trunc());
    }
    let merged: BTreeSet<Value> =
        IpNet::aggregate(&networks).into_iter().map(|network| Value::from(network.to_string())).collect();
    Ok(Value::from(merged))
}

/// Pairs of keys: which network of the first argument holds which of the second.
pub(super) fn contains_matches(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    let outer = keyed(arguments, 0)?;
    let inner = keyed(arguments, 1)?;
    let mut pairs = BTreeSet::new();
    for (outer_key, outer) in &outer {
        let outer = network(outer)?;
        for (inner_key, inner) in &inner {
            if outer.contains(&network_or_address(inner)?) {
                pairs.insert(Value::from(vec![outer_key.clone(), inner_key.clone()]));
            }
        }
    }
    Ok(Value::from(pairs))
}

/// The networks of a string, array, set or object, each with what names it in the answer: itself, its index, itself, its key. An element may
/// be an array whose first element is the network.
fn keyed(arguments: &Arguments<'_>, position: usize) -> Result<Vec<(Value, String)>, CallError> {
    let expected = "a string, an array, a set or an object of networks";
    let address = |value: &Value| match value {
        Value::String(text) => Ok(text.to_string()),
        Value::Array(parts) => match parts.first() {
            Some(Value::String(text)) => Ok(text.to_string()),
            _ => Err(arguments.wrong(position, expected)),
        },
        _ => Err(arguments.wrong(position, expected)),
    };
    match arguments.value(position) {
        whole @ Value::String(text) => Ok(vec![(whole.clone(), text.to_string())]),
        Value::Array(elements) => {
            let keyed = elements.iter().enumerate();
            keyed.map(|(index, value)| Ok((Value::from(index as u64), address(value)?))).collect()
        }
        Value::Set(elements) => elements.iter().map(|value| Ok((value.clone(), address(value)?))).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| Ok((key.clone(), address(value)?))).collect()
        }
        _ => Err(arguments.wrong(position, expected)),
    }
}

fn network(text: &str) -> Result<IpNet, CallError> {
    text.parse().map_err(|_| CallError::Value(format!("`{text}` is no network")))
}

fn network_or_address(text: &str) -> Result<IpNet, CallError> {
    text.parse::<IpAddr>().map(IpNet::from).or_else(|_| network(text))
}
