//! Where a rule applies, which the configuration file may limit. What a rule says about other addresses is not reported at all, as if it were
//! switched off there; a decision about a finding that is there is a waiver.

use crate::waiver::pattern::AddressPattern;

/// The addresses that a rule is asked about. By default all.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    only: Vec<AddressPattern>,
    except: Vec<AddressPattern>,
}

impl Reach {
    /// Those that one of `only` is for (all, if it is empty) and none of `except`.
    #[must_use]
    pub const fn new(only: Vec<AddressPattern>, except: Vec<AddressPattern>) -> Self {
        Self { only, except }
    }

    /// It is limited in no way.
    #[must_use]
    pub fn is_everywhere(&self) -> bool {
        self.only.is_empty() && self.except.is_empty()
    }

    /// The rule is asked about `address`. What a policy for conftest says without an address cannot be told apart, and is reported.
    #[must_use]
    pub fn includes(&self, address: &str) -> bool {
        address.is_empty()
            || ((self.only.is_empty() || self.only.iter().any(|pattern| is_for(pattern, address)))
                && !self.except.iter().any(|pattern| is_for(pattern, address)))
    }
}

/// Unlike a waiver, which is for what it names and nothing else, a limit that names no instance is for all of them.
fn is_for(pattern: &AddressPattern, address: &str) -> bool {
    pattern.matches(address) || pattern.lacks_instances(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(only: &[&str], except: &[&str]) -> Reach {
        let patterns = |texts: &[&str]| {
            texts.iter().map(|text| AddressPattern::parse(text).unwrap()).collect::<Vec<_>>()
        };
        Reach::new(patterns(only), patterns(except))
    }

    #[track_caller]
    fn check(reach: &Reach, included: &[&str], others: &[&str]) {
        for address in included {
            assert!(reach.includes(address), "{address} is left out of {reach:?}");
        }
        for address in others {
            assert!(!reach.includes(address), "{address} is in {reach:?}");
        }
    }

    #[test]
    fn a_rule_without_limits_is_everywhere() {
        assert!(reach(&[], &[]).is_everywhere());
        check(&reach(&[], &[]), &["a.b", "module.m.a.b", "output.x"], &[]);
    }

    #[test]
    fn only_what_is_named_is_asked_about() {
        let prod = reach(&["module.prod.*", "output.*"], &[]);
        assert!(!prod.is_everywhere());
        check(
            &prod,
            &["module.prod.a.b", "module.prod.module.db.a.b[0]", "output.x"],
            &["a.b", "module.test.a.b"],
        );
        check(&reach(&["module.prod.**"], &[]), &["module.prod.module.db.a.b"], &["a.b"]);
    }

    #[test]
    fn what_is_excepted_is_not_asked_about_even_where_it_is_named() {
        check(&reach(&[], &["module.legacy.*"]), &["a.b", "module.prod.a.b"], &["module.legacy.a.b"]);
        check(&reach(&["module.prod.*"], &["*.main"]), &["module.prod.a.b"], &["module.prod.a.main", "a.b"]);
    }

    #[test]
    fn a_limit_without_instances_is_for_all_of_them() {
        check(
            &reach(&["module.prod.*"], &[]),
            &["module.prod[0].a.b", "module.prod[\"eu\"].a.b[\"x\"]"],
            &[],
        );
        check(&reach(&[], &["a.b"]), &["a.c[0]"], &["a.b", "a.b[0]", "a.b[\"x\"]"]);
        check(&reach(&["a.b[0]"], &[]), &["a.b[0]"], &["a.b[1]", "a.b"]);
    }

    #[test]
    fn what_has_no_address_is_reported() {
        check(&reach(&["module.prod.*"], &["*"]), &[""], &["a.b"]);
    }
}
