//! The table of other tools' checks in `docs/rules.md`: which rule looks at what a check of Checkov, Trivy, KICS or Prowler looks at. Made from
//! `covers` of the rules' METADATA; an id says by its spelling whose it is.

use std::collections::BTreeMap;

use crate::policy::Rule;

/// The tools whose checks rules cover, in the order of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tool {
    Checkov,
    Trivy,
    Kics,
    Prowler,
}

impl Tool {
    const fn name(self) -> &'static str {
        match self {
            Self::Checkov => "Checkov",
            Self::Trivy => "Trivy",
            Self::Kics => "KICS",
            Self::Prowler => "Prowler",
        }
    }

    /// Whose id it is: `CKV_AWS_41`, `AWS-0057`, `KICS-a88baa34` (the beginning of a UUID), `kms_cmk_rotation_enabled`.
    fn of(id: &str) -> Option<Self> {
        let is = |part: &str, kind: fn(&char) -> bool| !part.is_empty() && part.chars().all(|c| kind(&c));
        if id.starts_with("CKV_") || id.starts_with("CKV2_") {
            return Some(Self::Checkov);
        }
        match id.split_once('-') {
            Some(("KICS", _)) => Some(Self::Kics),
            Some((service, number))
                if is(service, char::is_ascii_uppercase) && is(number, char::is_ascii_digit) =>
            {
                Some(Self::Trivy)
            }
            None if is(id, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_') => {
                Some(Self::Prowler)
            }
            _ => None,
        }
    }
}

/// The section, or nothing if no rule covers anything.
pub(super) fn section(rules: &[Rule]) -> String {
    let mut covered: BTreeMap<Tool, BTreeMap<SortKey, Vec<&Rule>>> = BTreeMap::new();
    for rule in rules {
        for id in &rule.metadata.covers {
            if let Some(tool) = Tool::of(id) {
                covered.entry(tool).or_default().entry(SortKey::of(id)).or_default().push(rule);
            }
        }
    }
    if covered.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "\n## Checks of other tools\n\nWhich rule looks at what a check of another tool looks at. A rule may see more than the check, because it reads every platform, and \
         less, because it\nreports only what concerns secrets and their keys. An id of KICS is the beginning of its UUID.\n",
    );
    for (tool, ids) in covered {
        text.push_str(&format!("\n### {}\n\n| Check | Rule |\n|---|---|\n", tool.name()));
        for (id, rules) in ids {
            let rules: Vec<String> = rules
                .iter()
                .map(|rule| format!("[`{}`](rules/{}.md)", rule.id, rule.id.as_folder()))
                .collect();
            text.push_str(&format!("| `{}` | {} |\n", id.text(), rules.join(", ")));
        }
    }
    text
}

/// An id in the order in which people count: `CKV_AWS_7` before `CKV_AWS_41`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct SortKey(String, u64, String);

impl SortKey {
    fn of(id: &str) -> Self {
        let digits = id.chars().rev().take_while(char::is_ascii_digit).count();
        let (name, number) = id.split_at(id.len() - digits);
        Self(name.to_owned(), number.parse().unwrap_or_default(), id.to_owned())
    }

    fn text(&self) -> &str {
        &self.2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Pack;

    #[test]
    fn an_id_says_whose_it_is() {
        for (id, tool) in [
            ("CKV_AWS_41", Some(Tool::Checkov)),
            ("CKV2_K8S_5", Some(Tool::Checkov)),
            ("KSV-01010", Some(Tool::Trivy)),
            ("AZU-0013", Some(Tool::Trivy)),
            ("KICS-3jh54js8", Some(Tool::Kics)),
            ("ec2_instance_secrets_user_data", Some(Tool::Prowler)),
            ("AWS-", None),
            ("Something else", None),
            ("", None),
        ] {
            assert_eq!(Tool::of(id), tool, "{id}");
        }
    }

    #[test]
    fn every_id_that_a_bundled_rule_covers_is_of_a_known_tool() {
        for rule in Pack::load(secretlint_policies::files(), &[]).unwrap().rules() {
            for id in &rule.metadata.covers {
                assert!(Tool::of(id).is_some(), "{}: whose check is `{id}`?", rule.id);
            }
        }
    }

    #[test]
    fn ids_are_in_the_order_in_which_people_count() {
        let mut ids = ["CKV_AWS_111", "CKV_AWS_7", "CKV2_AWS_57", "CKV_AWS_41"].map(SortKey::of);
        ids.sort();
        assert_eq!(
            ids.each_ref().map(SortKey::text),
            ["CKV2_AWS_57", "CKV_AWS_7", "CKV_AWS_41", "CKV_AWS_111"]
        );
    }

    #[test]
    fn every_check_is_named_once_with_all_its_rules() {
        let pack = Pack::load(secretlint_policies::files(), &[]).unwrap();
        let text = section(pack.rules());
        let row = text.lines().filter(|line| line.starts_with("| `CKV2_AWS_57` |")).collect::<Vec<_>>();
        assert_eq!(
            row,
            [
                "| `CKV2_AWS_57` | [`rotation.disabled`](rules/rotation/disabled.md), [`rotation.missing`](rules/rotation/missing.md) |"
            ]
        );
        let headings: Vec<&str> = text.lines().filter(|line| line.starts_with("### ")).collect();
        assert_eq!(headings, ["### Checkov", "### Trivy", "### KICS", "### Prowler"]);
        assert_eq!(section(&[]), "");
    }
}
