//! What a rule of a policy reaches: which engines are at its path, what may be done to secrets there, and whether it can be used to get
//! more. The paths are those of the engines' HTTP API, <https://developer.hashicorp.com/vault/api-docs/secret>.

/// What is mounted somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    /// Key and value without versions.
    Kv1,
    /// Key and value with versions.
    Kv2,
    /// Makes or keeps logins: databases, clouds, directories.
    Logins,
    /// Encrypts with keys that stay in it.
    Transit,
    /// Signs certificates.
    Pki,
    /// Not said: judged by what the path looks like.
    Unsaid,
    /// Gives out nothing that would be a secret of somebody else.
    Harmless,
}

/// A mount of the plan.
#[derive(Debug, Clone)]
pub(super) struct Mount {
    /// Without slashes at its ends.
    pub(super) path: String,
    pub(super) engine: Engine,
}

impl Engine {
    /// By the `type` of a mount and the version of a `kv`.
    pub(super) fn of(kind: &str, version: Option<&str>) -> Self {
        match kind {
            "kv-v2" => Self::Kv2,
            "kv" | "generic" if version == Some("2") => Self::Kv2,
            "kv" | "kv-v1" | "generic" => Self::Kv1,
            "database" | "aws" | "azure" | "gcp" | "alicloud" | "consul" | "nomad" | "rabbitmq"
            | "kubernetes" | "ldap" | "openldap" | "ad" | "terraform" | "mongodbatlas" => Self::Logins,
            "transit" => Self::Transit,
            "pki" => Self::Pki,
            "ssh" | "totp" | "transform" | "kmip" | "keymgmt" | "identity" | "system" | "cubbyhole" => {
                Self::Harmless
            }
            _ => Self::Unsaid,
        }
    }

    /// By the name that the documentation mounts it at.
    fn usually_at(first: &str) -> Self {
        match first {
            "sys" | "auth" | "identity" | "cubbyhole" => Self::Harmless,
            "secret" | "kv" => Self::Unsaid,
            "kvv2" | "kv2" => Self::Kv2,
            "kvv1" | "kv1" => Self::Kv1,
            "pki_int" | "pki-int" => Self::Pki,
            name => Self::of(name, None),
        }
    }
}

/// What somebody can do at a place of an engine with one of some capabilities.
struct Place {
    path: &'static str,
    capabilities: &'static [&'static str],
    level: &'static str,
}

const fn place(path: &'static str, capabilities: &'static [&'static str], level: &'static str) -> Place {
    Place { path, capabilities, level }
}

const WRITE: &[&str] = &["create", "update", "patch"];
const CHANGE: &[&str] = &["create", "update", "patch", "delete"];
const LOOK: &[&str] = &["read", "list"];
/// Logins are read; some are made by a request with parameters.
const TAKE: &[&str] = &["read", "create", "update"];

const KV1: &[Place] = &[
    place("*", &["read"], "read"),
    place("*", &["list"], "describe"),
    place("*", WRITE, "write"),
    place("*", &["delete"], "administer"),
];
const KV2: &[Place] = &[
    place("data/*", &["read"], "read"),
    place("data/*", WRITE, "write"),
    place("data/*", &["delete"], "administer"),
    place("undelete/*", WRITE, "write"),
    place("delete/*", WRITE, "administer"),
    place("destroy/*", WRITE, "administer"),
    place("metadata/*", LOOK, "describe"),
    place("metadata/*", CHANGE, "administer"),
    place("subkeys/*", &["read"], "describe"),
    place("config", WRITE, "administer"),
];
const LOGINS: &[Place] = &[
    place("creds/*", TAKE, "read"),
    place("static-creds/*", TAKE, "read"),
    place("static-cred/*", TAKE, "read"),
    place("sts/*", TAKE, "read"),
    place("roleset/+/key", TAKE, "read"),
    place("roleset/+/token", TAKE, "read"),
    place("static-account/+/key", TAKE, "read"),
    place("static-account/+/token", TAKE, "read"),
    place("impersonated-account/+/token", TAKE, "read"),
    place("library/+/check-out", WRITE, "read"),
    place("rotate-role/+", WRITE, "rotate"),
    place("rotate-root/+", WRITE, "rotate"),
    place("config/rotate-root", WRITE, "rotate"),
    place("config/+", LOOK, "describe"),
    place("config/+", CHANGE, "administer"),
    place("roles/+", LOOK, "describe"),
    place("roles/+", CHANGE, "administer"),
    place("static-roles/+", LOOK, "describe"),
    place("static-roles/+", CHANGE, "administer"),
];
const TRANSIT: &[Place] = &[
    place("decrypt/+", WRITE, DECRYPT),
    place("export/*", &["read"], "read"),
    place("backup/+", &["read"], "read"),
    place("keys/+", LOOK, "describe"),
    place("keys/+", CHANGE, "administer"),
    place("keys/+/config", WRITE, "administer"),
    place("keys/+/rotate", WRITE, "rotate"),
];
const PKI: &[Place] = &[
    place("issue/*", WRITE, "read"),
    place("roles/+", LOOK, "describe"),
    place("roles/+", CHANGE, "administer"),
];
/// Read, but only what one already has as a ciphertext.
const DECRYPT: &str = "decrypt";

/// Where a holder can give itself more than its policy says: by writing a policy, a role or user of an auth method, or an identity's
/// policies. `auth/token/create` is none: without `sudo` a token has no policy that its maker does not have.
const ESCALATIONS: &[(&str, &[&str], &str)] = &[
    ("sys/policies/acl/+", WRITE, "sys/policies/acl/*"),
    ("sys/policy/+", WRITE, "sys/policy/*"),
    ("sys/raw/*", &["read", "create", "update"], "sys/raw/*"),
    ("auth/+/role/+", WRITE, "auth/*/role/*"),
    ("auth/+/users/+", WRITE, "auth/*/users/*"),
    ("auth/+/groups/+", WRITE, "auth/*/groups/*"),
    ("auth/+/map/+/+", WRITE, "auth/*/map/*"),
    ("auth/+/certs/+", WRITE, "auth/*/certs/*"),
    ("auth/token/roles/+", WRITE, "auth/token/roles/*"),
    ("auth/token/create", &["sudo"], "auth/token/create"),
    ("identity/entity", WRITE, "identity/*"),
    ("identity/entity/id/+", WRITE, "identity/*"),
    ("identity/entity/name/+", WRITE, "identity/*"),
    ("identity/group", WRITE, "identity/*"),
    ("identity/group/id/+", WRITE, "identity/*"),
    ("identity/group/name/+", WRITE, "identity/*"),
    ("identity/entity-alias", WRITE, "identity/*"),
    ("identity/entity-alias/id/+", WRITE, "identity/*"),
    ("identity/group-alias", WRITE, "identity/*"),
    ("identity/group-alias/id/+", WRITE, "identity/*"),
];

/// What a rule comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) access: Vec<&'static str>,
    pub(super) scope: Option<&'static str>,
    pub(super) administrator: bool,
    pub(super) decrypts_only: bool,
    pub(super) escalations: Vec<String>,
}

/// Judges a rule by its path and capabilities.
pub(super) fn reach(path: &str, capabilities: &[String], mounts: &[Mount]) -> Reach {
    let rule = Pattern::of(path);
    let may = |wanted: &[&str]| capabilities.iter().any(|capability| wanted.contains(&capability.as_str()));
    let everything = ["*", "+/*"].contains(&path);
    let mut levels: Vec<&'static str> = Vec::new();
    let mut covers_a_mount = false;
    for (mount, engine) in reached(&rule, mounts) {
        for place in places(engine, &rule, &mount).iter().filter(|place| may(place.capabilities)) {
            let there = format!("{mount}/{}", place.path);
            let there = Pattern::of(&there);
            if rule.overlaps(&there) {
                levels.push(place.level);
                let gives = matches!(place.level, "read" | "write" | DECRYPT);
                covers_a_mount |= gives && rule.covers(&there);
            }
        }
    }
    let read = levels.contains(&"read");
    let mut access: Vec<&'static str> = ["read", "write", "rotate", "describe", "administer"]
        .into_iter()
        .filter(|level| levels.contains(level))
        .collect();
    let decrypts = levels.contains(&DECRYPT);
    let decrypts_only = decrypts && access.iter().all(|level| *level == "describe");
    if decrypts && !read {
        access.insert(0, "read");
    }
    let escalations = ESCALATIONS
        .iter()
        .filter(|(place, capabilities, _)| may(capabilities) && rule.overlaps(&Pattern::of(place)));
    let mut escalations: Vec<String> = escalations.map(|(.., label)| (*label).to_owned()).collect();
    escalations.dedup();
    let scope = if everything || covers_every_mount(&rule) {
        Some("server")
    } else if covers_a_mount {
        Some("store")
    } else if rule.is_exact() && !access.is_empty() {
        Some(if decrypts_only { "key" } else { "secret" })
    } else {
        None
    };
    Reach {
        administrator: everything
            && (may(&["sudo"]) || (may(&["read"]) && may(&["update"]) && may(&["delete"]))),
        decrypts_only,
        access,
        scope,
        escalations,
    }
}

/// The mounts a rule can be about, by path. One that the plan does not mount is known by its usual name or the words after it.
fn reached(rule: &Pattern<'_>, mounts: &[Mount]) -> Vec<(String, Engine)> {
    let in_plan = mounts.iter().filter(|mount| {
        let below = format!("{}/*", mount.path);
        rule.overlaps(&Pattern::of(&below))
    });
    let mut found: Vec<(String, Engine)> = in_plan.map(|mount| (mount.path.clone(), mount.engine)).collect();
    let Some(first) = rule.segments.first() else { return found };
    let first_is_open = *first == "+" || (rule.open && rule.segments.len() == 1);
    if first_is_open {
        // Whatever is mounted: one of each.
        let engines = [Engine::Kv1, Engine::Kv2, Engine::Logins, Engine::Transit, Engine::Pki];
        let said = rule.segments.get(1).and_then(|next| CONVENTIONS.iter().find(|(word, _)| word == next));
        if let Some((_, engine)) = said {
            // `+/data/*` means one engine, also where a secret of another happens to be named so.
            found.retain(|(_, mounted)| mounted == engine);
            found.push(((*first).to_owned(), *engine));
        } else if *first == "+" || first.is_empty() {
            found.extend(engines.map(|engine| ("+".to_owned(), engine)));
        } else {
            found.push(((*first).to_owned(), Engine::usually_at(first)));
        }
    } else if found.is_empty() {
        let mount = rule
            .segments
            .iter()
            .skip(1)
            .position(|segment| CONVENTIONS.iter().any(|(word, _)| word == segment))
            .map_or(1, |position| position + 1);
        let engine = Engine::usually_at(first);
        let mount = if engine == Engine::Unsaid { mount } else { 1 };
        found.push((rule.segments.iter().take(mount).copied().collect::<Vec<_>>().join("/"), engine));
    }
    found
}

/// Words after a mount's path that say what is mounted there.
const CONVENTIONS: [(&str, Engine); 14] = [
    ("data", Engine::Kv2),
    ("metadata", Engine::Kv2),
    ("delete", Engine::Kv2),
    ("undelete", Engine::Kv2),
    ("destroy", Engine::Kv2),
    ("subkeys", Engine::Kv2),
    ("creds", Engine::Logins),
    ("static-creds", Engine::Logins),
    ("decrypt", Engine::Transit),
    ("encrypt", Engine::Transit),
    ("rewrap", Engine::Transit),
    ("issue", Engine::Pki),
    ("sign", Engine::Pki),
    ("cert", Engine::Pki),
];

fn places(engine: Engine, rule: &Pattern<'_>, mount: &str) -> &'static [Place] {
    let engine = if engine == Engine::Unsaid {
        let after = rule.segments.get(mount.split('/').count()).copied().unwrap_or_default();
        let word = CONVENTIONS.iter().find(|(word, _)| *word == after);
        // Both versions of a whole mount are read by the same rule.
        word.map_or(Engine::Kv1, |(_, engine)| *engine)
    } else {
        engine
    };
    match engine {
        Engine::Kv1 | Engine::Unsaid => KV1,
        Engine::Kv2 => KV2,
        Engine::Logins => LOGINS,
        Engine::Transit => TRANSIT,
        Engine::Pki => PKI,
        Engine::Harmless => &[],
    }
}

/// It covers one kind of secrets in every mount: `+/data/*`.
fn covers_every_mount(rule: &Pattern<'_>) -> bool {
    ["+/data/*", "+/creds/*", "+/static-creds/*", "+/decrypt/+"]
        .iter()
        .any(|place| rule.covers(&Pattern::of(place)))
}

/// A path with wildcards: `+` for one segment, `*` at the end for any text.
struct Pattern<'a> {
    segments: Vec<&'a str>,
    /// Ends with `*`; the last segment is then what the rest begins with.
    open: bool,
}

impl<'a> Pattern<'a> {
    fn of(path: &'a str) -> Self {
        let (path, open) = path.strip_suffix('*').map_or((path, false), |path| (path, true));
        Self { segments: path.split('/').collect(), open }
    }

    fn is_exact(&self) -> bool {
        !self.open && !self.segments.contains(&"+")
    }

    /// Where the text before `*` stands.
    fn opens_at(&self, index: usize) -> bool {
        self.open && index + 1 == self.segments.len()
    }

    /// Some path is matched by both.
    fn overlaps(&self, other: &Pattern<'_>) -> bool {
        for index in 0.. {
            let (Some(mine), Some(theirs)) = (self.segments.get(index), other.segments.get(index)) else {
                return self.segments.len() == other.segments.len();
            };
            match (self.opens_at(index), other.opens_at(index)) {
                (true, true) => return mine.starts_with(theirs) || theirs.starts_with(mine),
                (true, false) => return *theirs == "+" || theirs.starts_with(mine),
                (false, true) => return *mine == "+" || mine.starts_with(theirs),
                (false, false) if mine == theirs || *mine == "+" || *theirs == "+" => {}
                (false, false) => return false,
            }
        }
        false
    }

    /// Every path that the other matches is matched by this; a `+` at the end counts as all that is there, since few nest names.
    fn covers(&self, other: &Pattern<'_>) -> bool {
        for index in 0.. {
            let (Some(mine), Some(theirs)) = (self.segments.get(index), other.segments.get(index)) else {
                return self.segments.len() == other.segments.len();
            };
            match (self.opens_at(index), other.opens_at(index)) {
                (true, true) => return theirs.starts_with(mine),
                (true, false) => return mine.is_empty() || (*theirs != "+" && theirs.starts_with(mine)),
                // `secret/+/*` and `secret/+` are about all that `secret/*` is about.
                (false, true) => {
                    let mut rest = self.segments.iter().skip(index);
                    return *mine == "+" && rest.all(|segment| matches!(*segment, "+" | ""));
                }
                (false, false) if mine == theirs || *mine == "+" => {}
                (false, false) => return false,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, capabilities: &str) -> Reach {
        let capabilities: Vec<String> = capabilities.split(' ').map(str::to_owned).collect();
        let mounts = [
            Mount { path: "teams/payments".to_owned(), engine: Engine::Kv2 },
            Mount { path: "old".to_owned(), engine: Engine::Kv1 },
            Mount { path: "orders".to_owned(), engine: Engine::Logins },
        ];
        reach(path, &capabilities, &mounts)
    }

    /// Access as `read write`, with the scope behind it.
    fn check(path: &str, capabilities: &str, expected: &str) {
        let reach = of(path, capabilities);
        let actual = format!("{} @{}", reach.access.join(" "), reach.scope.unwrap_or("-"));
        assert_eq!(actual, expected, "{path} [{capabilities}]");
    }

    #[test]
    fn a_value_is_read_where_the_engine_keeps_it() {
        check("secret/data/app", "read", "read @secret");
        check("secret/data/app/*", "read", "read @-");
        check("secret/metadata/app/*", "read list", "describe @-");
        check("secret/app/db", "read", "read @secret");
        check("kv/app/db", "read list", "read describe @secret");
        check("teams/payments/data/app", "read", "read @secret");
        check("teams/payments/metadata/*", "list", "describe @-");
        check("team-b/data/app", "read", "read @secret");
        check("a/b/c/data/app/*", "read", "read @-");
    }

    #[test]
    fn a_rule_for_a_whole_mount_or_all_of_them_has_that_scope() {
        check("secret/*", "read", "read @store");
        check("secret/data/*", "read list", "read @store");
        check("secret/+/*", "read", "read @store");
        check("teams/payments/*", "read", "read describe @store");
        check("teams/payments/data/+", "read", "read @store");
        check("old/*", "read", "read @store");
        check("*", "read", "read describe @server");
        check("+/data/*", "read", "read @server");
        check("+/*", "list", "describe @server");
    }

    #[test]
    fn writing_deleting_and_settings_are_told_apart() {
        check("secret/data/app", "create update", "write @secret");
        check("secret/data/app", "delete", "administer @secret");
        check("secret/destroy/app", "update", "administer @secret");
        check("secret/undelete/app", "update", "write @secret");
        check("secret/metadata/app", "delete", "administer @secret");
        check("old/app", "create delete", "write administer @secret");
    }

    #[test]
    fn logins_certificates_and_keys_have_paths_of_their_own() {
        check("database/creds/app", "read", "read @secret");
        check("database/static-creds/*", "read", "read @store");
        check("orders/creds/+", "read", "read @store");
        check("orders/rotate-role/app", "update", "rotate @secret");
        check("database/roles/*", "read list", "describe @-");
        check("database/roles/app", "create update delete", "administer @secret");
        check("aws/sts/deploy", "update", "read @secret");
        check("pki/issue/web", "create update", "read @secret");
        check("pki/sign/web", "create update", " @-");
        check("transit/encrypt/app", "update", " @-");
        check("transit/keys/app/rotate", "update", "rotate @secret");
        check("transit/export/encryption-key/app", "read", "read @secret");
    }

    #[test]
    fn decrypting_is_reading_and_nothing_else() {
        check("transit/decrypt/app", "update", "read @key");
        assert!(of("transit/decrypt/app", "update").decrypts_only);
        check("transit/decrypt/*", "create update", "read @store");
        assert!(of("transit/decrypt/+", "update").decrypts_only);
        assert!(of("eu/decrypt/app", "update").decrypts_only);
        assert!(!of("transit/*", "read update").decrypts_only);
        check("+/decrypt/*", "update", "read @server");
    }

    #[test]
    fn the_server_itself_holds_no_secret() {
        for path in [
            "sys/health",
            "sys/mounts/*",
            "auth/token/lookup-self",
            "identity/entity/id/+",
            "cubbyhole/*",
            "ssh/sign/*",
        ] {
            check(path, "read list update", " @-");
        }
    }

    #[test]
    fn everything_is_for_administrators() {
        assert!(of("*", "create read update delete list").administrator);
        assert!(of("*", "sudo").administrator);
        assert!(of("+/*", "create read update delete list sudo").administrator);
        assert!(!of("*", "read list").administrator);
        assert!(!of("secret/*", "create read update delete list sudo").administrator);
    }

    fn escalations(path: &str, capabilities: &str, expected: &[&str]) {
        assert_eq!(of(path, capabilities).escalations, expected, "{path} [{capabilities}]");
    }

    #[test]
    fn who_writes_policies_roles_or_identities_can_get_more() {
        escalations("sys/policies/acl/*", "create update", &["sys/policies/acl/*"]);
        escalations("sys/policy/app", "update", &["sys/policy/*"]);
        escalations("auth/approle/role/*", "create update", &["auth/*/role/*"]);
        escalations("auth/userpass/users/+", "update", &["auth/*/users/*"]);
        escalations("identity/*", "update", &["identity/*"]);
        escalations("auth/token/create", "update sudo", &["auth/token/create"]);
        escalations(
            "sys/*",
            "create read update delete list sudo",
            &["sys/policies/acl/*", "sys/policy/*", "sys/raw/*"],
        );
        escalations("sys/policies/acl/*", "read list", &[]);
        escalations("auth/approle/role/ci/secret-id", "update", &[]);
        escalations("auth/token/create", "update", &[]);
        escalations("auth/userpass/users/{{identity.entity.name}}/password", "update", &[]);
        escalations("secret/*", "create update sudo", &[]);
        escalations("sys/mounts/*", "create update", &[]);
    }
}
