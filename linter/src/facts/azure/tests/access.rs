//! Who may do what: access policies, role assignments, custom roles.

use super::*;

const ASSIGNMENT: &str = "azurerm_role_assignment";
const GROUP: &str = "/subscriptions/0000/resourceGroups/rg";
const STORE: &str = "/subscriptions/0000/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv";

fn policy(after: Value) -> Grant {
    only_grant(vec![resource("azurerm_key_vault_access_policy", "a").after(after)])
}

fn assigned(role: &str, scope: &str) -> Grant {
    let after = json!({ "role_definition_name": role, "scope": scope, "principal_id": "p" });
    only_grant(vec![resource(ASSIGNMENT, "a").after(after)])
}

const SECRET_PERMISSIONS: [&str; 8] =
    ["Backup", "Delete", "Get", "List", "Purge", "Recover", "Restore", "Set"];

#[test]
fn permissions_reach_levels() {
    let grant =
        policy(json!({ "key_vault_id": STORE, "object_id": "p", "secret_permissions": ["Get", "List"] }));
    assert_eq!(grant.access, ["read", "describe"]);
    assert_eq!(grant.actions_allowed, ["secrets/Get", "secrets/List"]);
    assert_eq!(grant.principals.unwrap(), ["p"]);
    assert_eq!((grant.scope, grant.concerns_secrets), (Some("store"), true));
    let none = policy(json!({ "key_vault_id": STORE, "key_permissions": ["Sign", "Verify"] }));
    assert!(!none.concerns_secrets);
}

#[test]
fn every_permission_is_everything() {
    let all = policy(json!({ "secret_permissions": SECRET_PERMISSIONS, "certificate_permissions": ["Get"] }));
    assert_eq!(all.actions_allowed, ["*", "certificates/Get"]);
    assert_eq!(
        serde_json::to_value(&all.origin.paths["actions_allowed"]).unwrap(),
        json!(["secret_permissions"])
    );
    assert_eq!(policy(json!({ "key_permissions": ["All"] })).actions_allowed, ["*"]);
    assert!(
        !policy(json!({ "secret_permissions": SECRET_PERMISSIONS[..7] }))
            .actions_allowed
            .contains(&"*".to_owned())
    );
}

#[test]
fn to_decrypt_with_a_key_is_not_to_read_secrets() {
    assert!(policy(json!({ "key_permissions": ["Decrypt", "Get"] })).decrypts_only);
    // What a service needs to encrypt its own data with a key of ours.
    assert!(!policy(json!({ "key_permissions": ["Get", "UnwrapKey", "WrapKey"] })).decrypts_only);
    assert!(!policy(json!({ "key_permissions": ["Decrypt"], "secret_permissions": ["Get"] })).decrypts_only);
}

#[test]
fn a_principal_of_another_tenant_is_foreign() {
    let inline = |tenant: &str| {
        let after = json!({ "tenant_id": "11", "access_policy": [{ "tenant_id": tenant, "object_id": "p", "secret_permissions": ["Get"] }] });
        of("azurerm_key_vault", after).grants.remove(0).foreign_principals
    };
    assert!(inline("11").is_empty());
    assert_eq!(inline("22"), ["p"]);
    let vault = resource("azurerm_key_vault", "a").after(json!({ "tenant_id": "11" }));
    let policy = resource("azurerm_key_vault_access_policy", "a")
        .after(json!({ "tenant_id": "22", "object_id": "p", "secret_permissions": ["Get"] }))
        .expressions(json!({ "key_vault_id": reference("azurerm_key_vault.a", "id") }));
    assert_eq!(only_grant(vec![vault, policy]).foreign_principals, ["p"]);
}

#[test]
fn a_vault_that_decides_by_roles_ignores_its_policies() {
    let after = json!({ "rbac_authorization_enabled": true, "access_policy": [{ "object_id": "p", "secret_permissions": ["Get"] }] });
    assert!(of("azurerm_key_vault", after).grants.is_empty());
}

#[test]
fn a_list_decided_at_apply_is_unknown() {
    let unknown = resource("azurerm_key_vault_access_policy", "a")
        .after(json!({ "key_vault_id": STORE }))
        .unknown(json!({ "secret_permissions": true }))
        .expressions(json!({ "secret_permissions": reference("terraform_data.a", "output") }));
    let grant = only_grant(vec![unknown]);
    assert!(grant.concerns_secrets && grant.origin.unknown.contains(&"actions_allowed".to_owned()));
}

#[test]
fn a_role_is_known_by_name_and_by_id() {
    let named = assigned("Key Vault Secrets User", GROUP);
    assert_eq!((named.scope, named.concerns_secrets), (Some("resource_group"), true));
    assert_eq!(named.access, ["read", "describe"]);
    let id = "/subscriptions/0000/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6";
    let by_id = only_grant(vec![
        resource(ASSIGNMENT, "a").after(json!({ "role_definition_id": id, "scope": GROUP })),
    ]);
    assert_eq!(by_id.role.as_deref(), Some("Key Vault Secrets User"));
}

#[test]
fn a_role_without_business_with_secrets_concerns_none() {
    assert!(!assigned("Reader", "/subscriptions/0000").concerns_secrets);
    assert!(!assigned("Contributor", GROUP).concerns_secrets);
    let storage = format!("{GROUP}/providers/Microsoft.Storage/storageAccounts/s");
    let owner = assigned("Owner", &storage);
    assert!(!owner.concerns_secrets && !owner.administrator && owner.escalations.is_empty());
}

#[test]
fn an_owner_of_much_is_an_administrator() {
    for scope in [GROUP, "/subscriptions/0000", "/providers/Microsoft.Management/managementGroups/all"] {
        let owner = assigned("Owner", scope);
        assert!(owner.administrator && owner.escalations.is_empty(), "{scope}");
    }
    let of_vault = assigned("Owner", STORE);
    assert!(!of_vault.administrator);
    assert_eq!(of_vault.escalations, ["Microsoft.Authorization/roleAssignments/write"]);
}

#[test]
fn who_gives_roles_gives_itself_more_unless_a_condition_says_which() {
    let giver = |condition: Value| {
        let after = json!({ "role_definition_name": "User Access Administrator", "scope": GROUP, "condition": condition });
        only_grant(vec![resource(ASSIGNMENT, "a").after(after)])
    };
    assert_eq!(giver(Value::Null).escalations, ["Microsoft.Authorization/roleAssignments/write"]);
    let conditioned = giver(json!(
        "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {x}"
    ));
    assert!(conditioned.escalations.is_empty());
    assert_eq!(conditioned.condition_keys, ["microsoft.authorization/roleassignments:roledefinitionid"]);
}

#[test]
fn a_contributor_sets_the_policies_of_vaults_that_ask_them() {
    assert_eq!(
        assigned("Contributor", "/subscriptions/0000").escalations,
        ["Microsoft.KeyVault/vaults/accessPolicies/write"]
    );
    assert!(assigned("Contributor", GROUP).escalations.is_empty());
    let on_vault = |by_roles: bool| {
        let vault =
            resource("azurerm_key_vault", "a").after(json!({ "rbac_authorization_enabled": by_roles }));
        let assignment = resource(ASSIGNMENT, "a")
            .after(json!({ "role_definition_name": "Key Vault Contributor" }))
            .unknown(json!({ "scope": true }))
            .expressions(json!({ "scope": reference("azurerm_key_vault.a", "id") }));
        only_grant(vec![vault, assignment]).escalations
    };
    assert_eq!(on_vault(false), ["Microsoft.KeyVault/vaults/accessPolicies/write"]);
    assert!(on_vault(true).is_empty());
}

#[test]
fn a_scope_is_the_narrowest_resource_it_refers_to() {
    let scoped = |resource_type: &str, attribute: &str| {
        let target = resource(resource_type, "t").after(json!({}));
        let assignment = resource(ASSIGNMENT, "a")
            .after(json!({ "role_definition_name": "Key Vault Crypto User" }))
            .unknown(json!({ "scope": true, "principal_id": true }))
            .expressions(json!({ "scope": reference(&format!("{resource_type}.t"), attribute), "principal_id": reference("azurerm_user_assigned_identity.i", "principal_id") }));
        only_grant(vec![target, assignment])
    };
    let on_key = scoped("azurerm_key_vault_key", "resource_versionless_id");
    assert_eq!((on_key.scope, on_key.decrypts_only), (Some("key"), true));
    assert_eq!(on_key.resources, ["azurerm_key_vault_key.t"]);
    assert_eq!(on_key.principals.unwrap(), ["azurerm_user_assigned_identity.i"]);
    assert_eq!(scoped("azurerm_key_vault", "id").scope, Some("store"));
    assert_eq!(scoped("azurerm_resource_group", "id").scope, Some("resource_group"));
}

#[test]
fn a_scope_that_nothing_tells_is_unknown() {
    let assignment = resource(ASSIGNMENT, "a")
        .after(json!({ "role_definition_name": "Key Vault Secrets User" }))
        .unknown(json!({ "scope": true }))
        .expressions(json!({ "scope": { "references": ["local.scope"] } }));
    let grant = only_grant(vec![assignment]);
    assert_eq!((grant.scope, grant.concerns_secrets), (None, true));
    assert!(grant.origin.unknown.contains(&"scope".to_owned()));
}

#[test]
fn a_role_that_is_decided_at_apply_may_be_any() {
    let check = |scope: &str, expected: &[&str]| {
        let assignment = resource("azurerm_role_assignment", "a")
            .after(json!({ "scope": scope, "principal_id": "p" }))
            .unknown(json!({ "role_definition_name": true }))
            .expressions(json!({ "role_definition_name": { "references": ["var.role"] } }));
        assert_eq!(facts(vec![assignment]).grants[0].origin.unknown, expected, "{scope}");
    };
    check("/subscriptions/0000", &["role", "administrator", "access", "actions_allowed"]);
    let vault = "/subscriptions/0000/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv";
    check(vault, &["role", "escalations", "access", "actions_allowed"]);
    check("/subscriptions/0000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/s", &["role"]);
}

#[test]
fn an_assignment_for_a_time_ends() {
    let schedule = |expiration: Value| {
        let after = json!({ "scope": GROUP, "role_definition_id": "x", "justification": "break glass", "schedule": [{ "start_date_time": "2026-11-01T00:00:00Z", "expiration": [expiration] }] });
        only_grant(vec![resource("azurerm_pim_active_role_assignment", "a").after(after)])
    };
    assert_eq!(schedule(json!({ "duration_days": 30 })).expires_at.as_deref(), Some("2026-12-01T00:00:00Z"));
    assert_eq!(schedule(json!({ "duration_hours": 8 })).expires_at.as_deref(), Some("2026-11-01T08:00:00Z"));
    let dated = schedule(json!({ "end_date_time": "2027-01-01T00:00:00Z" }));
    assert_eq!(dated.expires_at.as_deref(), Some("2027-01-01T00:00:00Z"));
    assert_eq!(dated.reason.as_deref(), Some("break glass"));
    assert_eq!(schedule(json!({})).expires_at, None);
}

#[test]
fn a_custom_role_is_told_of_where_it_is_defined() {
    let definition = || {
        let permissions = json!([{ "actions": ["*"], "data_actions": ["Microsoft.KeyVault/vaults/secrets/getSecret/action"] }]);
        resource("azurerm_role_definition", "d")
            .after(json!({ "name": "deployer", "scope": "/subscriptions/0000", "permissions": permissions }))
    };
    let defined = only_grant(vec![definition()]);
    assert!(defined.administrator);
    let assignment = resource(ASSIGNMENT, "a")
        .after(json!({ "scope": "/subscriptions/0000" }))
        .unknown(json!({ "role_definition_id": true }))
        .expressions(json!({ "role_definition_id": reference("azurerm_role_definition.d", "role_definition_resource_id") }));
    let grants = facts(vec![definition(), assignment]).grants;
    assert!(grants[1].concerns_secrets && !grants[1].administrator && grants[1].escalations.is_empty());
    assert!(grants[1].access.contains(&"read"));
}

#[test]
fn a_custom_role_that_writes_assignments_escalates() {
    let role = |actions: Value, not_actions: Value| {
        let permissions = json!([{ "actions": actions, "not_actions": not_actions }]);
        only_grant(vec![
            resource("azurerm_role_definition", "d")
                .after(json!({ "scope": GROUP, "permissions": permissions })),
        ])
    };
    let write = role(json!(["Microsoft.Authorization/roleAssignments/*"]), json!([]));
    assert_eq!(write.escalations, ["Microsoft.Authorization/roleAssignments/write"]);
    assert!(role(json!(["Microsoft.Compute/*"]), json!([])).escalations.is_empty());
    let without = role(json!(["*"]), json!(["Microsoft.Authorization/*", "Microsoft.KeyVault/*"]));
    assert!(without.escalations.is_empty() && !without.administrator);
}

#[test]
fn roles_of_a_managed_hsm_have_paths_for_scopes() {
    let local = |scope: &str| {
        let id = "/Microsoft.KeyVault/providers/Microsoft.Authorization/roleDefinitions/21dbd100-6940-42c2-9190-5d6cb909625b";
        let after =
            json!({ "scope": scope, "role_definition_id": id, "managed_hsm_id": "h", "principal_id": "p" });
        only_grant(vec![
            resource("azurerm_key_vault_managed_hardware_security_module_role_assignment", "a").after(after),
        ])
    };
    assert_eq!(local("/keys").scope, Some("store"));
    assert_eq!(local("/keys/orders").scope, Some("key"));
    assert!(local("/").decrypts_only);
}

#[test]
fn a_global_administrator_has_the_whole_tenant() {
    let after = json!({ "role_id": "62e90394-69f5-4237-9190-012177145e10", "principal_object_id": "p" });
    let grant = only_grant(vec![resource("azuread_directory_role_assignment", "a").after(after)]);
    assert!(grant.administrator);
    assert_eq!(grant.scope, Some("organization"));
}
