//! Azure's built-in roles that reach secrets, keys, or the roles of others. Source: the Azure built-in roles, the local roles of Managed HSM and
//! the built-in roles of Entra ID in Microsoft's documentation.

/// What a role can do beyond its levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Power {
    /// Nothing beyond them.
    Levels,
    /// Of values it can only decrypt them.
    Decrypts,
    /// The same, in the form that services use for data of their own: it unwraps the keys of their data.
    Unwraps,
    /// Everything on the resource.
    Owns,
    /// It gives roles, to itself as well.
    GivesRoles,
    /// It changes every resource but gives no roles; the access policies of a vault are part of the vault.
    Contributes,
    /// It changes vaults, their access policies too.
    SetsAccessPolicies,
    /// It gives credentials to applications, and so has what they may do.
    GivesCredentials,
}

/// A role by its two names.
#[derive(Debug)]
pub(super) struct Role {
    pub(super) name: &'static str,
    pub(super) id: &'static str,
    pub(super) access: &'static [&'static str],
    pub(super) power: Power,
}

const fn role(name: &'static str, id: &'static str, access: &'static [&'static str], power: Power) -> Role {
    Role { name, id, access, power }
}

const ALL: &[&str] = &["read", "write", "rotate", "describe", "administer"];
const READS: &[&str] = &["read", "describe"];
const ADMINISTERS: &[&str] = &["administer"];
const USES_KEYS: &[&str] = &["read", "write", "describe"];

const ROLES: [Role; 36] = [
    role("Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", ADMINISTERS, Power::Owns),
    role("Contributor", "b24988ac-6180-42a0-ab88-20f7382dd24c", &[], Power::Contributes),
    role("User Access Administrator", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", &[], Power::GivesRoles),
    role(
        "Role Based Access Control Administrator",
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        &[],
        Power::GivesRoles,
    ),
    role("Key Vault Administrator", "00482a5a-887f-4fb3-b363-3b7fe8e74483", ALL, Power::Levels),
    role(
        "Key Vault Secrets Officer",
        "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
        &["read", "write", "describe", "administer"],
        Power::Levels,
    ),
    role("Key Vault Secrets User", "4633458b-17de-408a-b874-0445c86b69e6", READS, Power::Levels),
    role("Key Vault Crypto Officer", "14b46e9e-c2b7-41b4-b07b-48a6ebf60603", ALL, Power::Decrypts),
    role("Key Vault Crypto User", "12338af0-0e69-4776-bea7-57ae8d297424", USES_KEYS, Power::Decrypts),
    role(
        "Key Vault Crypto Service Encryption User",
        "e147488a-f6f5-4113-8e2d-b22465e65bf6",
        USES_KEYS,
        Power::Unwraps,
    ),
    role(
        "Key Vault Crypto Service Release User",
        "08bbd89e-9f13-488c-ac41-acfcb10c90ab",
        &["read"],
        Power::Unwraps,
    ),
    role(
        "Key Vault Certificates Officer",
        "a4417e6f-fecd-4de8-b567-7b0420556985",
        &["write", "describe", "administer"],
        Power::Levels,
    ),
    // It reads the certificate's private key, which is a secret of the vault, and with it any other.
    role("Key Vault Certificate User", "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba", READS, Power::Levels),
    role("Key Vault Reader", "21090545-7ca7-4776-b22c-e363652d74d2", &["describe"], Power::Levels),
    role("Key Vault Purge Operator", "a68e7c17-0ab2-4c09-9a58-125dae29748c", ADMINISTERS, Power::Levels),
    role("Key Vault Contributor", "f25e0fa2-a7c8-4377-a976-54943a77a395", &[], Power::SetsAccessPolicies),
    role(
        "Key Vault Data Access Administrator",
        "8b54135c-b56d-4d72-a534-26097cfdc8d8",
        &[],
        Power::GivesRoles,
    ),
    role("App Configuration Data Owner", "5ae67dd6-50cb-40e7-96ff-dc2bfa4b606b", ALL, Power::Levels),
    role("App Configuration Data Reader", "516239f1-63e1-4d78-a4de-a74fb236a071", READS, Power::Levels),
    role(
        "Storage Account Key Operator Service Role",
        "81a9662b-bebf-436f-a333-f67b29880f12",
        &["read", "rotate"],
        Power::Levels,
    ),
    role(
        "Azure Kubernetes Service Cluster Admin Role",
        "0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8",
        ADMINISTERS,
        Power::Owns,
    ),
    role(
        "Azure Kubernetes Service RBAC Cluster Admin",
        "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
        ADMINISTERS,
        Power::Owns,
    ),
    role(
        "Azure Kubernetes Service RBAC Admin",
        "3498e952-d568-435e-9b2c-8d77e338d7f7",
        &["read", "write", "describe", "administer"],
        Power::Levels,
    ),
    role(
        "Azure Kubernetes Service RBAC Writer",
        "a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb",
        &["read", "write", "describe"],
        Power::Levels,
    ),
    role("Managed HSM Administrator", "a290e904-7015-4bba-90c8-60543313cdb4", ADMINISTERS, Power::GivesRoles),
    role("Managed HSM Policy Administrator", "4bd23610-cdcf-4971-bdee-bdc562cc28e4", &[], Power::GivesRoles),
    role("Managed HSM Crypto Officer", "515eb02d-2335-4d2d-92f2-b1cbdf9c3778", ADMINISTERS, Power::Levels),
    role("Managed HSM Crypto User", "21dbd100-6940-42c2-9190-5d6cb909625b", USES_KEYS, Power::Decrypts),
    role(
        "Managed HSM Crypto Service Encryption User",
        "33413926-3206-4cdd-b39a-83574fe37a17",
        USES_KEYS,
        Power::Unwraps,
    ),
    role("Managed HSM Crypto Auditor", "2c18b078-7c48-4d3a-af88-5a3a1b3f82b3", &["describe"], Power::Levels),
    role("Managed HSM Backup", "7b127d3c-77bd-4e3e-bbe0-dbb8971fa7f8", ADMINISTERS, Power::Levels),
    role("Global Administrator", "62e90394-69f5-4237-9190-012177145e10", ADMINISTERS, Power::Owns),
    role("Privileged Role Administrator", "e8611ab8-c189-46e8-94e1-60213ab1f814", &[], Power::GivesRoles),
    role("Application Administrator", "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", &[], Power::GivesCredentials),
    role(
        "Cloud Application Administrator",
        "158c047a-c907-4556-b7ef-446551a6b5f7",
        &[],
        Power::GivesCredentials,
    ),
    role(
        "Privileged Authentication Administrator",
        "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
        &[],
        Power::GivesCredentials,
    ),
];

impl Role {
    /// The role of this name, as a person writes it.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        ROLES.iter().find(|role| role.name.eq_ignore_ascii_case(name))
    }

    /// The role whose id is the last part of a definition's id.
    pub(super) fn of_definition(id: &str) -> Option<&'static Self> {
        let last = id.trim_end_matches('/').rsplit('/').next()?;
        ROLES.iter().find(|role| role.id.eq_ignore_ascii_case(last))
    }

    /// It is about vaults and what is in them, wherever it is given.
    pub(super) fn is_for_vaults(&self) -> bool {
        self.name.starts_with("Key Vault ") || self.name.starts_with("Managed HSM ")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_role_is_found_by_both_names() {
        let by_name = Role::named("key vault secrets user").unwrap();
        let id = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6";
        assert_eq!(Role::of_definition(id).unwrap().name, by_name.name);
        assert!(Role::named("Reader").is_none());
    }

    #[test]
    fn names_and_ids_stand_once() {
        let names: BTreeSet<&str> = ROLES.iter().map(|role| role.name).collect();
        let ids: BTreeSet<&str> = ROLES.iter().map(|role| role.id).collect();
        assert_eq!((names.len(), ids.len()), (ROLES.len(), ROLES.len()));
        assert!(ids.iter().all(|id| id.len() == 36));
    }
}
