//! Which operations of Azure's resource providers reach secrets and keys, at which of five levels, and by which the holder can give itself
//! more. Source: the resource provider operations of Microsoft.KeyVault, Microsoft.AppConfiguration and Microsoft.Authorization.

/// Levels in the order facts list them.
const LEVELS: [&str; 5] = ["read", "write", "rotate", "describe", "administer"];

/// Operations on what is in a store, lower case.
const DATA: [(&str, &str); 31] = [
    ("microsoft.keyvault/vaults/secrets/getsecret/action", "read"),
    ("microsoft.keyvault/vaults/secrets/setsecret/action", "write"),
    ("microsoft.keyvault/vaults/secrets/update/action", "write"),
    ("microsoft.keyvault/vaults/secrets/readmetadata/action", "describe"),
    ("microsoft.keyvault/vaults/secrets/delete", "administer"),
    ("microsoft.keyvault/vaults/secrets/backup/action", "administer"),
    ("microsoft.keyvault/vaults/secrets/purge/action", "administer"),
    ("microsoft.keyvault/vaults/secrets/recover/action", "administer"),
    ("microsoft.keyvault/vaults/secrets/restore/action", "administer"),
    (DECRYPT, "read"),
    (UNWRAP, "read"),
    ("microsoft.keyvault/vaults/keys/encrypt/action", "write"),
    ("microsoft.keyvault/vaults/keys/wrap/action", "write"),
    ("microsoft.keyvault/vaults/keys/create/action", "write"),
    ("microsoft.keyvault/vaults/keys/import/action", "write"),
    ("microsoft.keyvault/vaults/keys/update/action", "write"),
    ("microsoft.keyvault/vaults/keys/rotate/action", "rotate"),
    ("microsoft.keyvault/vaults/keyrotationpolicies/write", "rotate"),
    ("microsoft.keyvault/vaults/keys/read", "describe"),
    ("microsoft.keyvault/vaults/keys/delete", "administer"),
    ("microsoft.keyvault/vaults/keys/backup/action", "administer"),
    ("microsoft.keyvault/vaults/keys/purge/action", "administer"),
    ("microsoft.keyvault/vaults/keys/recover/action", "administer"),
    ("microsoft.keyvault/vaults/keys/release/action", "administer"),
    ("microsoft.keyvault/vaults/keys/restore/action", "administer"),
    ("microsoft.keyvault/managedhsm/keys/decrypt/action", "read"),
    ("microsoft.keyvault/managedhsm/keys/unwrap/action", "read"),
    ("microsoft.keyvault/managedhsm/keys/delete", "administer"),
    ("microsoft.appconfiguration/configurationstores/keyvalues/read", "read"),
    ("microsoft.appconfiguration/configurationstores/keyvalues/write", "write"),
    ("microsoft.appconfiguration/configurationstores/keyvalues/delete", "administer"),
];

const DECRYPT: &str = "microsoft.keyvault/vaults/keys/decrypt/action";
const UNWRAP: &str = "microsoft.keyvault/vaults/keys/unwrap/action";

/// Operations on resources that hand out or set values, lower case.
const CONTROL: [(&str, &str); 4] = [
    ("microsoft.keyvault/vaults/secrets/write", "write"),
    ("microsoft.storage/storageaccounts/listkeys/action", "read"),
    ("microsoft.storage/storageaccounts/regeneratekey/action", "rotate"),
    ("microsoft.appconfiguration/configurationstores/listkeys/action", "read"),
];

/// Operations by which the holder can give itself more, as Azure writes them.
const ESCALATIONS: [&str; 4] = [
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleDefinitions/write",
    "Microsoft.Authorization/elevateAccess/Action",
    "Microsoft.KeyVault/vaults/accessPolicies/write",
];

/// One block of a role's permissions: what is allowed, and what is taken from it again.
#[derive(Debug, Default)]
pub(super) struct Permissions {
    pub(super) actions: Vec<String>,
    pub(super) not_actions: Vec<String>,
    pub(super) data_actions: Vec<String>,
    pub(super) not_data_actions: Vec<String>,
}

impl Permissions {
    /// Levels that they reach on secrets and keys.
    pub(super) fn access(&self) -> Vec<&'static str> {
        let data = DATA.iter().filter(|(name, _)| allows(&self.data_actions, &self.not_data_actions, name));
        let control = CONTROL.iter().filter(|(name, _)| allows(&self.actions, &self.not_actions, name));
        let reached: Vec<&str> = data.chain(control).map(|(_, level)| *level).collect();
        LEVELS.into_iter().filter(|level| reached.contains(level)).collect()
    }

    /// All they do to values is to decrypt with a key.
    pub(super) fn decrypts_only(&self) -> bool {
        let reads = |(name, level): &&(&str, &str)| {
            *level == "read" && allows(&self.data_actions, &self.not_data_actions, name)
        };
        let read: Vec<&str> = DATA.iter().filter(reads).map(|(name, _)| *name).collect();
        read.contains(&DECRYPT)
            && read.iter().all(|name| name.contains("/keys/"))
            && !CONTROL.iter().any(|(name, _)| allows(&self.actions, &self.not_actions, name))
    }

    /// Everything on resources is allowed, the assigning of roles too.
    pub(super) fn is_everything(&self) -> bool {
        self.actions.iter().any(|action| action == "*") && self.escalations().len() == ESCALATIONS.len()
    }

    /// The operations among them by which the holder can give itself more.
    pub(super) fn escalations(&self) -> Vec<String> {
        let allowed = |name: &&str| allows(&self.actions, &self.not_actions, &name.to_ascii_lowercase());
        ESCALATIONS.into_iter().filter(allowed).map(str::to_owned).collect()
    }
}

/// `name`, in lower case, is allowed and not taken away again.
fn allows(allowed: &[String], but: &[String], name: &str) -> bool {
    let matched =
        |patterns: &[String]| patterns.iter().any(|pattern| matches(&pattern.to_ascii_lowercase(), name));
    matched(allowed) && !matched(but)
}

/// `*` stands for any text, slashes too.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return text.ends_with(part);
        }
        let Some(found) = text.find(part) else { return false };
        text = text.get(found + part.len()..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permissions(actions: &[&str], data_actions: &[&str]) -> Permissions {
        let texts = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        Permissions { actions: texts(actions), data_actions: texts(data_actions), ..Permissions::default() }
    }

    #[test]
    fn an_asterisk_stands_for_any_text() {
        for (pattern, text, expected) in [
            ("*", "a/b/c", true),
            ("a/*", "a/b/c", true),
            ("a/*/c", "a/b/c", true),
            ("*/c", "a/b/c", true),
            ("a/*/d", "a/b/c", false),
            ("a/b", "a/b/c", false),
            ("a/*b*", "a/xbx", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn operations_reach_levels() {
        let reader = permissions(
            &["Microsoft.KeyVault/vaults/read"],
            &["Microsoft.KeyVault/vaults/secrets/getSecret/action"],
        );
        assert_eq!(reader.access(), ["read"]);
        assert_eq!(permissions(&[], &["Microsoft.KeyVault/vaults/*"]).access(), LEVELS);
        assert!(permissions(&["Microsoft.KeyVault/vaults/read"], &[]).access().is_empty());
        assert_eq!(permissions(&["Microsoft.Storage/storageAccounts/*"], &[]).access(), ["read", "rotate"]);
    }

    #[test]
    fn what_is_taken_away_again_is_not_reached() {
        let contributor = Permissions {
            not_actions: vec!["Microsoft.Authorization/*/Write".to_owned()],
            ..permissions(&["*"], &[])
        };
        assert_eq!(
            contributor.escalations(),
            [
                "Microsoft.Authorization/elevateAccess/Action",
                "Microsoft.KeyVault/vaults/accessPolicies/write"
            ]
        );
        assert!(!contributor.is_everything());
        assert!(permissions(&["*"], &[]).is_everything());
    }

    #[test]
    fn to_decrypt_is_not_to_read_secrets() {
        assert!(permissions(&[], &["Microsoft.KeyVault/vaults/keys/*"]).decrypts_only());
        assert!(!permissions(&[], &["Microsoft.KeyVault/vaults/*"]).decrypts_only());
        assert!(!permissions(&[], &["Microsoft.KeyVault/vaults/keys/unwrap/action"]).decrypts_only());
    }
}
