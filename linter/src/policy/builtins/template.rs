//! `$"…{x}…"`, and `strings.render_template`: the part of Go's text/template that OPA documents (fields, `if`, `range`, `len`). Anything
//! else of that language is an error, not an empty text.

use regorus::Value;

use super::{Arguments, CallError};

/// The pieces of a template string: texts, and sets of what the expressions between them are. An empty set is an expression that is undefined.
pub(super) fn template_string(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    let Value::Array(pieces) = arguments.value(0) else { return Err(arguments.wrong(0, "an array")) };
    let mut text = String::new();
    for piece in pieces.iter() {
        match piece {
            Value::Set(values) => match values.len() {
                0 => text.push_str("<undefined>"),
                1 => values.iter().for_each(|value| text.push_str(&shown(value, Nested::No))),
                _ => {
                    return Err(CallError::Value(
                        "an expression in a template string has several values".into(),
                    ));
                }
            },
            other => text.push_str(&shown(other, Nested::No)),
        }
    }
    Ok(Value::from(text))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Nested {
    No,
    Yes,
}

/// A value as OPA writes it: a string is in quotes only inside another value.
fn shown(value: &Value, nested: Nested) -> String {
    let list = |values: &mut dyn Iterator<Item = &Value>| {
        values.map(|value| shown(value, Nested::Yes)).collect::<Vec<_>>().join(", ")
    };
    match value {
        Value::String(text) if nested == Nested::No => text.to_string(),
        Value::Array(values) => format!("[{}]", list(&mut values.iter())),
        Value::Set(values) if values.is_empty() => "set()".to_owned(),
        Value::Set(values) => format!("{{{}}}", list(&mut values.iter())),
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields: Vec<String> = fields
                .map(|(key, value)| format!("{}: {}", shown(key, Nested::Yes), shown(value, Nested::Yes)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        other => other.to_json_str().unwrap_or_default(),
    }
}

pub(super) fn render_template(arguments: &Arguments<'_>) -> Result<Value, CallError> {
    let text = arguments.text(0)?;
    let mut actions = split(text).map_err(CallError::Value)?.into_iter().peekable();
    let mut nodes = Vec::new();
    while let Some(part) = actions.next() {
        nodes.push(node(part, &mut actions).map_err(CallError::Value)?);
    }
    let mut output = String::new();
    let mut variables = Vec::new();
    render(&nodes, arguments.value(1), &mut variables, &mut output).map_err(CallError::Value)?;
    Ok(Value::from(output))
}

enum Part {
    Text(String),
    Action(String),
}

enum Node {
    Text(String),
    Value(String),
    If { condition: String, then: Vec<Node>, otherwise: Vec<Node> },
    Range { names: Vec<String>, over: String, body: Vec<Node>, otherwise: Vec<Node> },
}

type Parts = std::iter::Peekable<std::vec::IntoIter<Part>>;

/// Text and `{{actions}}`; `{{-` and `-}}` take the spaces beside them away.
fn split(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut trim = false;
    while let Some(start) = rest.find("{{") {
        let end = rest[start..].find("}}").ok_or("an action `{{` does not end")? + start;
        let action = &rest[start + 2..end];
        let before = if trim { rest[..start].trim_start() } else { &rest[..start] };
        let (before, action) = match action.strip_prefix("- ") {
            Some(action) => (before.trim_end(), action),
            None => (before, action),
        };
        let (action, trims) = match action.strip_suffix(" -") {
            Some(action) => (action, true),
            None => (action, false),
        };
        trim = trims;
        parts.push(Part::Text(before.to_owned()));
        if !action.trim().starts_with("/*") {
            parts.push(Part::Action(action.trim().to_owned()));
        }
        rest = &rest[end + 2..];
    }
    parts.push(Part::Text(if trim { rest.trim_start() } else { rest }.to_owned()));
    Ok(parts)
}

fn node(part: Part, parts: &mut Parts) -> Result<Node, String> {
    let action = match part {
        Part::Text(text) => return Ok(Node::Text(text)),
        Part::Action(action) => action,
    };
    let (word, rest) =
        action.split_once(' ').map_or((action.as_str(), ""), |(word, rest)| (word, rest.trim()));
    match word {
        "if" => {
            let (then, otherwise) = bodies(parts)?;
            Ok(Node::If { condition: rest.to_owned(), then, otherwise })
        }
        "range" => {
            let (names, over) =
                rest.split_once(":=").map_or(("", rest), |(names, over)| (names, over.trim()));
            let names =
                names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
            let (body, otherwise) = bodies(parts)?;
            Ok(Node::Range { names, over: over.to_owned(), body, otherwise })
        }
        "else" | "end" => Err(format!("`{{{{{word}}}}}` stands alone")),
        _ => Ok(Node::Value(action)),
    }
}

/// What stands before and behind `{{else}}`, up to `{{end}}`.
fn bodies(parts: &mut Parts) -> Result<(Vec<Node>, Vec<Node>), String> {
    let (mut first, mut second, mut in_second) = (Vec::new(), Vec::new(), false);
    loop {
        match parts.next().ok_or("an `{{end}}` is missing")? {
            Part::Action(action) if action == "end" => return Ok((first, second)),
            Part::Action(action) if action == "else" => in_second = true,
            Part::Action(action) if action.starts_with("else if ") => {
                let inner = node(Part::Action(action["else ".len()..].to_owned()), parts)?;
                second.push(inner);
                return Ok((first, second));
            }
            part => {
                let node = node(part, parts)?;
                if in_second { second.push(node) } else { first.push(node) }
            }
        }
    }
}

fn render(
    nodes: &[Node],
    dot: &Value,
    variables: &mut Vec<(String, Value)>,
    output: &mut String,
) -> Result<(), String> {
    for node in nodes {
        match node {
            Node::Text(text) => output.push_str(text),
            Node::Value(expression) => output.push_str(&go(&evaluate(expression, dot, variables)?)),
            Node::If { condition, then, otherwise } => {
                let branch = if is_true(&evaluate(condition, dot, variables)?) { then } else { otherwise };
                render(branch, dot, variables, output)?;
            }
            Node::Range { names, over, body, otherwise } => {
                let elements: Vec<(Value, Value)> = match evaluate(over, dot, variables)? {
                    Value::Array(elements) => elements
                        .iter()
                        .enumerate()
                        .map(|(index, value)| (Value::from(index as u64), value.clone()))
                        .collect(),
                    Value::Object(fields) => {
                        fields.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
                    }
                    _ => return Err(format!("`{over}` is neither an array nor an object")),
                };
                if elements.is_empty() {
                    render(otherwise, dot, variables, output)?;
                }
                for (key, value) in elements {
                    let outside = variables.len();
                    match names.as_slice() {
                        [one] => variables.push((one.clone(), value.clone())),
                        [first, second] => {
                            variables.extend([(first.clone(), key), (second.clone(), value.clone())])
                        }
                        _ => {}
                    }
                    render(body, &value, variables, output)?;
                    variables.truncate(outside);
                }
            }
        }
    }
    Ok(())
}

fn evaluate(expression: &str, dot: &Value, variables: &[(String, Value)]) -> Result<Value, String> {
    if let Some(of) = expression.strip_prefix("len ") {
        let length = match evaluate(of.trim(), dot, variables)? {
            Value::Array(elements) => elements.len(),
            Value::Object(fields) => fields.len(),
            Value::String(text) => text.len(),
            _ => return Err(format!("`{of}` has no length")),
        };
        return Ok(Value::from(length as u64));
    }
    if expression
        .contains(|character: char| !(character.is_alphanumeric() || matches!(character, '.' | '_' | '$')))
    {
        return Err(format!(
            "`{{{{{expression}}}}}` is not supported: only fields, variables, `len`, `if` and `range`"
        ));
    }
    let (start, path) = match expression.strip_prefix('$') {
        Some(_) => {
            let (name, path) =
                expression.split_once('.').map_or((expression, ""), |(name, path)| (name, path));
            let known = variables.iter().rev().find(|(known, _)| known == name);
            (&known.ok_or_else(|| format!("there is no variable `{name}`"))?.1, path)
        }
        None => {
            (dot, expression.strip_prefix('.').ok_or_else(|| format!("there is no function `{expression}`"))?)
        }
    };
    let mut value = start;
    for field in path.split('.').filter(|field| !field.is_empty()) {
        value = match value {
            Value::Object(fields) => {
                fields.get(&Value::from(field)).ok_or_else(|| format!("the value `{field}` is missing"))?
            }
            _ => return Err(format!("`{field}` is asked of what is no object")),
        };
    }
    Ok(value.clone())
}

/// Go's idea of what is not empty.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null | Value::Undefined => false,
        Value::Bool(value) => *value,
        Value::Number(_) => value.as_f64().map_or(true, |number| number != 0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        Value::Set(elements) => !elements.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// A value as Go prints it.
fn go(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        Value::Null => "<no value>".to_owned(),
        Value::Array(elements) => {
            format!("[{}]", elements.iter().map(go).collect::<Vec<_>>().join(" "))
        }
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(key, value)| format!("{}:{}", go(key), go(value))).collect();
            format!("map[{}]", fields.join(" "))
        }
        other => other.to_json_str().unwrap_or_default(),
    }
}
