//! Google's roles as what they let the holder do to secrets and keys: each row is a role with those of its permissions that matter here, so that
//! predefined and custom roles are judged by one table of permissions.
//! <https://cloud.google.com/iam/docs/roles-permissions>

/// What permissions come to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Reach {
    /// Levels as in a grant.
    pub(super) access: Vec<&'static str>,
    /// It gets to values or keys, not only to their names.
    pub(super) concerns_secrets: bool,
    /// Of values it can only undo the encryption.
    pub(super) decrypts_only: bool,
    /// Permissions by which the holder can get more.
    pub(super) escalations: Vec<String>,
}

/// Permissions, each with the level it is. A later row adds nothing where an earlier one fits; `*` is any text.
const LEVELS: [(&str, &str); 26] = [
    ("secretmanager.versions.access", "read"),
    ("secretmanager.versions.add", "write"),
    ("secretmanager.versions.enable", "write"),
    ("secretmanager.versions.disable", "write"),
    ("secretmanager.secrets.create", "write"),
    ("secretmanager.secrets.update", "write"),
    ("secretmanager.versions.destroy", "administer"),
    ("secretmanager.secrets.delete", "administer"),
    ("secretmanager.secrets.setIamPolicy", "administer"),
    ("secretmanager.*.get", "describe"),
    ("secretmanager.*.list", "describe"),
    ("secretmanager.secrets.getIamPolicy", "describe"),
    ("parametermanager.parameterVersions.access", "read"),
    ("parametermanager.parameterVersions.render", "read"),
    ("parametermanager.parameterVersions.create", "write"),
    ("parametermanager.parameters.delete", "administer"),
    ("cloudkms.cryptoKeyVersions.useToDecrypt", "read"),
    ("cloudkms.cryptoKeyVersions.useToDecryptViaDelegation", "read"),
    ("cloudkms.cryptoKeyVersions.useToEncrypt", "write"),
    ("cloudkms.cryptoKeyVersions.useToEncryptViaDelegation", "write"),
    ("cloudkms.cryptoKeyVersions.create", "rotate"),
    ("cloudkms.cryptoKeyVersions.destroy", "administer"),
    ("cloudkms.cryptoKeys.setIamPolicy", "administer"),
    ("cloudkms.keyRings.setIamPolicy", "administer"),
    ("cloudkms.*.get", "describe"),
    ("cloudkms.*.list", "describe"),
];

/// Permissions by which the holder can give itself or others more, where no resource confines them.
const ESCALATING: [&str; 16] = [
    "resourcemanager.projects.setIamPolicy",
    "resourcemanager.folders.setIamPolicy",
    "resourcemanager.organizations.setIamPolicy",
    "secretmanager.secrets.setIamPolicy",
    "cloudkms.cryptoKeys.setIamPolicy",
    "cloudkms.keyRings.setIamPolicy",
    "iam.roles.update",
    "iam.serviceAccountKeys.create",
    "iam.serviceAccounts.actAs",
    "iam.serviceAccounts.getAccessToken",
    "iam.serviceAccounts.implicitDelegation",
    "iam.serviceAccounts.setIamPolicy",
    "iam.serviceAccounts.signBlob",
    "iam.serviceAccounts.signJwt",
    "iam.workloadIdentityPoolProviders.create",
    "iam.workloadIdentityPoolProviders.update",
];

const SECRETS: &str = "secretmanager.*";
const PARAMETERS: &str = "parametermanager.*";
const GET_SECRETS: &str = "secretmanager.secrets.get";
const ADD: &str = "secretmanager.versions.add";
const ENABLE: &str = "secretmanager.versions.enable";
const DESTROY: &str = "secretmanager.versions.destroy";
const ACCESS: &str = "secretmanager.versions.access";
const DECRYPT: &str = "cloudkms.cryptoKeyVersions.useToDecrypt";
const ENCRYPT: &str = "cloudkms.cryptoKeyVersions.useToEncrypt";
const KEYS_GET: &str = "cloudkms.cryptoKeys.get";
const KEYS_POLICY: &str = "cloudkms.cryptoKeys.setIamPolicy";
const RINGS_POLICY: &str = "cloudkms.keyRings.setIamPolicy";
const KEYS_CREATE: &str = "cloudkms.cryptoKeyVersions.create";
const KEYS_DESTROY: &str = "cloudkms.cryptoKeyVersions.destroy";
const PROJECTS: &str = "resourcemanager.projects.setIamPolicy";
const FOLDERS: &str = "resourcemanager.folders.setIamPolicy";
const ORGANIZATIONS: &str = "resourcemanager.organizations.setIamPolicy";
const ACT_AS: &str = "iam.serviceAccounts.actAs";
const TOKEN: &str = "iam.serviceAccounts.getAccessToken";
const ACCOUNT_KEYS: &str = "iam.serviceAccountKeys.create";
const ACCOUNTS_POLICY: &str = "iam.serviceAccounts.setIamPolicy";
const ROLES_UPDATE: &str = "iam.roles.update";
const POOLS_UPDATE: &str = "iam.workloadIdentityPoolProviders.update";

/// Predefined and basic roles. A further role is a further row.
const ROLES: [(&str, &[&str]); 33] = [
    (OWNER, &["*"]),
    ("roles/editor", &[ACT_AS]),
    ("roles/viewer", &[GET_SECRETS]),
    ("roles/secretmanager.admin", &[SECRETS]),
    ("roles/secretmanager.secretAccessor", &[ACCESS]),
    ("roles/secretmanager.secretVersionAdder", &[ADD]),
    ("roles/secretmanager.secretVersionManager", &[ADD, ENABLE, DESTROY]),
    ("roles/secretmanager.viewer", &[GET_SECRETS]),
    ("roles/parametermanager.admin", &[PARAMETERS]),
    ("roles/parametermanager.parameterAccessor", &["parametermanager.parameterVersions.render"]),
    ("roles/parametermanager.parameterVersionAdder", &["parametermanager.parameterVersions.create"]),
    ("roles/cloudkms.admin", &[KEYS_POLICY, RINGS_POLICY, KEYS_CREATE, KEYS_DESTROY, KEYS_GET]),
    ("roles/cloudkms.cryptoKeyDecrypter", &[DECRYPT]),
    (
        "roles/cloudkms.cryptoKeyDecrypterViaDelegation",
        &["cloudkms.cryptoKeyVersions.useToDecryptViaDelegation"],
    ),
    ("roles/cloudkms.cryptoKeyEncrypter", &[ENCRYPT]),
    (
        "roles/cloudkms.cryptoKeyEncrypterViaDelegation",
        &["cloudkms.cryptoKeyVersions.useToEncryptViaDelegation"],
    ),
    ("roles/cloudkms.cryptoKeyEncrypterDecrypter", &[DECRYPT, ENCRYPT]),
    (
        "roles/cloudkms.cryptoKeyEncrypterDecrypterViaDelegation",
        &[
            "cloudkms.cryptoKeyVersions.useToDecryptViaDelegation",
            "cloudkms.cryptoKeyVersions.useToEncryptViaDelegation",
        ],
    ),
    ("roles/cloudkms.cryptoOperator", &[DECRYPT, ENCRYPT]),
    ("roles/cloudkms.viewer", &[KEYS_GET]),
    // The policies of single secrets and keys too, which these include.
    ("roles/iam.securityAdmin", &[ORGANIZATIONS, FOLDERS, PROJECTS, ACCOUNTS_POLICY]),
    ("roles/resourcemanager.projectIamAdmin", &[PROJECTS]),
    ("roles/resourcemanager.folderIamAdmin", &[FOLDERS]),
    ("roles/resourcemanager.folderAdmin", &[FOLDERS]),
    ("roles/resourcemanager.organizationAdmin", &[ORGANIZATIONS]),
    (
        "roles/iam.serviceAccountTokenCreator",
        &[TOKEN, "iam.serviceAccounts.signBlob", "iam.serviceAccounts.signJwt"],
    ),
    ("roles/iam.serviceAccountUser", &[ACT_AS]),
    ("roles/iam.serviceAccountKeyAdmin", &[ACCOUNT_KEYS]),
    ("roles/iam.serviceAccountAdmin", &[ACCOUNTS_POLICY]),
    ("roles/iam.workloadIdentityUser", &[TOKEN]),
    ("roles/iam.workloadIdentityPoolAdmin", &[POOLS_UPDATE]),
    ("roles/iam.roleAdmin", &[ROLES_UPDATE]),
    ("roles/iam.organizationRoleAdmin", &[ROLES_UPDATE]),
];

/// The role that allows everything.
pub(super) const OWNER: &str = "roles/owner";

/// The permissions of a predefined role that matter here; none where the table has no such role.
pub(super) fn permissions_of(role: &str) -> Option<&'static [&'static str]> {
    ROLES.iter().find(|(name, _)| *name == role).map(|(_, permissions)| *permissions)
}

/// The role lets the holder act in a service account's name.
pub(super) fn impersonates(reach: &Reach) -> bool {
    reach.escalations.iter().any(|permission| permission.starts_with("iam.serviceAccount"))
}

/// What these permissions come to; each may have `*` in it.
pub(super) fn reach<Permission: AsRef<str>>(permissions: &[Permission]) -> Reach {
    let allows = |wanted: &str| {
        permissions
            .iter()
            .any(|permission| fits(permission.as_ref(), wanted) || fits(wanted, permission.as_ref()))
    };
    let has = |level: &str| LEVELS.iter().any(|(permission, of)| *of == level && allows(permission));
    let access: Vec<&'static str> = ["read", "write", "rotate", "describe", "administer"]
        .into_iter()
        .filter(|level| has(level))
        .collect();
    let reads: Vec<&str> = LEVELS
        .iter()
        .filter(|(permission, of)| *of == "read" && allows(permission))
        .map(|(name, _)| *name)
        .collect();
    let beyond_keys = LEVELS.iter().any(|(permission, level)| {
        *level != "describe" && !permission.starts_with("cloudkms.") && allows(permission)
    });
    let administers = access.contains(&"administer");
    Reach {
        concerns_secrets: access.iter().any(|level| *level != "describe"),
        decrypts_only: !reads.is_empty() && !beyond_keys && !administers,
        access,
        escalations: ESCALATING
            .iter()
            .filter(|permission| allows(permission))
            .map(ToString::to_string)
            .collect(),
    }
}

/// `secretmanager.*` fits `secretmanager.versions.access`.
fn fits(pattern: &str, permission: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == permission,
        Some((before, after)) => {
            permission.len() >= before.len() + after.len()
                && permission.starts_with(before)
                && permission.ends_with(after)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(role: &str) -> Reach {
        reach(permissions_of(role).unwrap())
    }

    #[test]
    fn the_accessor_reads_and_the_viewer_only_describes() {
        let accessor = of("roles/secretmanager.secretAccessor");
        assert_eq!(accessor.access, ["read"]);
        assert!(accessor.concerns_secrets && !accessor.decrypts_only && accessor.escalations.is_empty());
        let viewer = of("roles/secretmanager.viewer");
        assert_eq!((viewer.access.as_slice(), viewer.concerns_secrets), (["describe"].as_slice(), false));
    }

    #[test]
    fn the_admin_of_secrets_does_everything_with_them_and_can_give_it_away() {
        let admin = of("roles/secretmanager.admin");
        assert_eq!(admin.access, ["read", "write", "describe", "administer"]);
        assert_eq!(admin.escalations, ["secretmanager.secrets.setIamPolicy"]);
    }

    #[test]
    fn a_role_on_keys_decrypts_only_if_it_can_do_nothing_else_to_values() {
        assert!(of("roles/cloudkms.cryptoKeyDecrypter").decrypts_only);
        assert!(of("roles/cloudkms.cryptoKeyEncrypterDecrypter").decrypts_only);
        assert!(!of("roles/cloudkms.admin").decrypts_only);
        assert!(!of(OWNER).decrypts_only);
        assert!(
            !reach(&["cloudkms.cryptoKeyVersions.useToDecrypt", "secretmanager.versions.access"])
                .decrypts_only
        );
    }

    #[test]
    fn the_editor_reads_no_secret_but_can_act_as_those_who_do() {
        let editor = of("roles/editor");
        assert!(editor.access.is_empty() && !editor.concerns_secrets);
        assert_eq!(editor.escalations, ["iam.serviceAccounts.actAs"]);
    }

    #[test]
    fn custom_permissions_are_judged_by_the_same_table() {
        let reach = reach(&["secretmanager.versions.access", "iam.roles.update", "storage.objects.get"]);
        assert_eq!(reach.access, ["read"]);
        assert_eq!(reach.escalations, ["iam.roles.update"]);
    }

    #[test]
    fn no_role_stands_twice() {
        let mut names: Vec<&str> = ROLES.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ROLES.len());
    }
}
