//! Takes an address of a plan apart into the modules that lead to an object and the block that declares it. Instance keys are dropped: all
//! instances of a resource are written in one block.

/// The block behind an address.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// Names of module calls, from the root.
    pub(super) modules: Vec<String>,
    /// `resource`, `data`, `ephemeral`, `output`, `variable`, `provider`, `action`, or `module` for a call itself.
    pub(super) block: &'static str,
    /// Labels of the block.
    pub(super) labels: Vec<String>,
    /// Alias of a provider block.
    pub(super) alias: Option<String>,
}

impl Address {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let names = names(text);
        let mut names = names.iter().map(String::as_str).peekable();
        let mut modules = Vec::new();
        while names.next_if_eq(&"module").is_some() {
            modules.push(names.next()?.to_owned());
        }
        let Some(first) = names.next() else {
            let call = modules.pop()?;
            return Some(Self { modules, block: "module", labels: vec![call], alias: None });
        };
        let (block, label_count) = match first {
            "data" => ("data", 2),
            "ephemeral" => ("ephemeral", 2),
            "action" => ("action", 2),
            "output" => ("output", 1),
            "var" | "variable" => ("variable", 1),
            "provider" => ("provider", 1),
            _ => ("resource", 1),
        };
        let mut labels: Vec<String> = if block == "resource" { vec![first.to_owned()] } else { Vec::new() };
        for _ in 0..label_count {
            labels.push(names.next()?.to_owned());
        }
        let alias = names.next().filter(|_| block == "provider").map(str::to_owned);
        Some(Self { modules, block, labels, alias })
    }
}

/// `module.a["x.y"].b[0]` as `module`, `a`, `b`.
fn names(text: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut escaped = false;
    for character in text.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if depth > 0 => quoted = !quoted,
            _ if quoted => {}
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => names.push(String::new()),
            _ if depth == 0 => {
                if let Some(name) = names.last_mut() {
                    name.push(character);
                }
            }
            _ => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, modules: &[&str], block: &str, labels: &[&str]) {
        let address = Address::parse(text).unwrap();
        assert_eq!(
            (address.modules, address.block),
            (modules.iter().map(|name| (*name).to_owned()).collect(), block),
            "{text}"
        );
        assert_eq!(address.labels, labels, "{text}");
    }

    #[test]
    fn every_kind_of_address_names_its_block() {
        check("aws_kms_key.main", &[], "resource", &["aws_kms_key", "main"]);
        check("aws_kms_key.main[0]", &[], "resource", &["aws_kms_key", "main"]);
        check(
            "module.a[\"x.y]\"].module.b[1].data.aws_x.y[\"a\\\"b\"]",
            &["a", "b"],
            "data",
            &["aws_x", "y"],
        );
        check("output.password", &[], "output", &["password"]);
        check("var.password", &[], "variable", &["password"]);
        check("provider.aws.west", &[], "provider", &["aws"]);
        check("ephemeral.secret.x", &[], "ephemeral", &["secret", "x"]);
        check("module.a", &[], "module", &["a"]);
        check("module.a[0].module.b[\"x\"]", &["a"], "module", &["b"]);
        check("module.a.var.b", &["a"], "variable", &["b"]);
        check("module.a.output.b", &["a"], "output", &["b"]);
    }

    #[test]
    fn an_address_that_ends_too_soon_is_none() {
        assert_eq!(Address::parse("aws_kms_key"), None);
        assert_eq!(Address::parse("module"), None);
        assert_eq!(Address::parse("module.a.var"), None);
        assert_eq!(Address::parse(""), None);
    }
}
