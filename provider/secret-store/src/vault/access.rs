//! Who can use a secret: which policies allow something on its paths, and who holds them.
//!
//! All policies of a holder are judged together, because a `deny` or a more exact path in one takes away what another gives.
//! Each line is one holder and one policy. What cannot be judged is a line too, never left out: a policy that does not parse, one
//! with templates in its paths, an auth method whose roles are not looked into. What a person's token holds beyond the role it was
//! made by (an entity behind it, policies it was made with by hand) is not known here; see the line of the policy itself.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;

use self::holders::{Holder, Holders};
use super::VaultStore;
use super::address::Address;
use super::client::ApiError;
use super::grants::{Note, POLICIES, id_in};
use super::mounts::KvVersion;
use super::policy::{Policy, decide};
use super::principal::CONCURRENCY;
use crate::Result;
use crate::error::Action;
use crate::grant::{Access, Accessor};
use crate::name::SecretName;

mod holders;

/// The policy that every token has unless its role says otherwise.
const DEFAULT: &str = "default";
/// The built-in policy that allows everything and has no text.
const ROOT: &str = "root";

/// A path by which a secret is used.
struct Route {
    path: String,
    /// What stands before its capabilities to tell them from those on the value itself.
    part: &'static str,
    /// What a capability on it means.
    means: &'static [(&'static str, Access)],
}

const VALUE: &[(&str, Access)] =
    &[("read", Access::Read), ("create", Access::Write), ("update", Access::Write), ("patch", Access::Write)];

/// The ways to a secret. Capabilities on other parts than the value are shown as `metadata:update`.
fn routes(address: &Address) -> Vec<Route> {
    let route = |path, part, means| Route { path, part, means };
    match address {
        Address::Kv(kv) if kv.version == KvVersion::One => vec![route(kv.data(), "", VALUE)],
        Address::Kv(kv) => vec![
            route(kv.data(), "", VALUE),
            route(kv.metadata(), "metadata", &[("read", Access::Describe)]),
            route(kv.delete(), "delete", &[]),
            route(kv.undelete(), "undelete", &[]),
            route(kv.destroy(), "destroy", &[]),
        ],
        Address::StaticRole(role) => vec![
            route(role.credentials(), "", &[("read", Access::Read)]),
            route(role.definition(), "static-roles", &[("read", Access::Describe)]),
            route(role.rotation(), "rotate-role", &[("update", Access::Rotate)]),
        ],
    }
}

/// What one policy gives one holder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Rights {
    access: BTreeSet<Access>,
    capabilities: BTreeSet<String>,
}

/// What these policies allow on a secret, by policy.
fn rights<'a>(
    routes: &[Route],
    policies: impl Iterator<Item = &'a Policy> + Clone,
    now: Timestamp,
) -> BTreeMap<String, Rights> {
    let mut by_policy: BTreeMap<String, Rights> = BTreeMap::new();
    for route in routes {
        for (policy, capabilities) in decide(policies.clone(), &route.path, now).allowed {
            // Listing shows what lies below a path, not the secret at it.
            for capability in capabilities.iter().filter(|name| !matches!(name.as_str(), "list" | "scan")) {
                let rights = by_policy.entry(policy.clone()).or_default();
                let means = route.means.iter().filter(|(name, _)| name == capability);
                rights.access.extend(means.map(|(_, access)| *access));
                rights.capabilities.insert(match route.part {
                    "" => capability.clone(),
                    part => format!("{part}:{capability}"),
                });
            }
        }
    }
    for rights in by_policy.values_mut() {
        let has = |capability: &str| rights.capabilities.contains(capability);
        // What this provider's own rotation of a KV secret needs, in short.
        if has("read") && has("update") && has("metadata:update") {
            rights.access.insert(Access::Rotate);
        }
    }
    by_policy
}

/// The server's policies, as far as they matter for one secret.
#[derive(Debug, Default)]
struct Policies {
    /// Those with a rule for one of its paths.
    about: BTreeMap<String, Policy>,
    /// The notes of those that are grants of ours.
    notes: BTreeMap<String, Note>,
    /// What cannot be judged, by the policy it is in.
    unknown: Vec<(String, String)>,
}

impl Policies {
    fn of(texts: Vec<(String, String)>, routes: &[Route]) -> Self {
        let mut policies = Self::default();
        for (name, text) in texts {
            match Policy::parse(&name, &text) {
                Ok(policy) => {
                    if routes.iter().any(|route| policy.may_mention(&route.path)) {
                        let why = "has a path with a template that may be this secret's for some identities";
                        policies.unknown.push((name.clone(), why.to_owned()));
                    }
                    if routes.iter().any(|route| policy.mentions(&route.path)) {
                        policies.notes.extend(Note::of(&text).map(|note| (name.clone(), note)));
                        policies.about.insert(name, policy);
                    }
                }
                Err(error) => policies.unknown.push((name, format!("does not parse: {error}"))),
            }
        }
        policies
    }

    fn accessor(&self, principal: String, policy: &str, group: Option<&str>, rights: Rights) -> Accessor {
        let note = self.notes.get(policy);
        Accessor {
            principal,
            access: rights.access,
            capabilities: rights.capabilities,
            through: Some(match group {
                Some(group) => format!("{policy} (group:{group})"),
                None => policy.to_owned(),
            }),
            grant: note.and_then(|_| id_in(policy)),
            expires_at: note.and_then(Note::expires_at),
        }
    }

    /// What a holder can do. What `default` gives is not told for each holder.
    fn lines(&self, routes: &[Route], holder: &Holder, now: Timestamp) -> Vec<Accessor> {
        let default = holder.has_default.then_some(DEFAULT);
        let names: BTreeSet<String> = holder
            .policies
            .iter()
            .map(|(policy, _)| policy.to_lowercase())
            .chain(default.map(str::to_owned))
            .collect();
        let held = names.iter().filter_map(|name| self.about.get(name));
        let mut rights = rights(routes, held, now);
        rights.remove(DEFAULT);
        if names.contains(ROOT) {
            rights.insert(ROOT.to_owned(), everything());
        }
        let by = |policy: &str| {
            let entries = holder.policies.iter().filter(|(name, _)| name.to_lowercase() == policy);
            entries.map(|(_, group)| group.clone()).collect::<BTreeSet<_>>()
        };
        let lines = rights.into_iter().flat_map(|(policy, rights)| {
            let groups = by(&policy);
            groups.into_iter().map(move |group| (policy.clone(), group, rights.clone()))
        });
        lines
            .map(|(policy, group, rights)| {
                self.accessor(holder.principal.clone(), &policy, group.as_deref(), rights)
            })
            .collect()
    }

    /// All lines, sorted.
    fn accessors(&self, routes: &[Route], holders: &Holders, now: Timestamp) -> Vec<Accessor> {
        let mut lines: Vec<_> =
            holders.seen.iter().flat_map(|holder| self.lines(routes, holder, now)).collect();
        for (name, policy) in &self.about {
            let is_held = holders
                .seen
                .iter()
                .any(|holder| holder.policies.iter().any(|(held, _)| held.eq_ignore_ascii_case(name)));
            let principal = match name.as_str() {
                DEFAULT => "every token with policy `default`".to_owned(),
                _ if is_held => continue,
                _ => format!("tokens with policy `{name}`"),
            };
            for (name, rights) in rights(routes, std::iter::once(policy), now) {
                lines.push(self.accessor(principal.clone(), &name, None, rights));
            }
        }
        lines.push(self.accessor(format!("tokens with policy `{ROOT}`"), ROOT, None, everything()));
        for (policy, why) in &self.unknown {
            let unknown = format!("unknown: policy `{policy}` {why}");
            lines.push(self.accessor(unknown, policy, None, Rights::default()));
        }
        for why in &holders.unseen {
            let rights = Rights::default();
            lines.push(Accessor {
                through: None,
                ..self.accessor(format!("unknown: {why}"), "", None, rights)
            });
        }
        lines.sort();
        lines.dedup();
        lines
    }
}

fn everything() -> Rights {
    Rights {
        access: BTreeSet::from([Access::Read, Access::Write, Access::Rotate, Access::Describe]),
        capabilities: BTreeSet::from([ROOT.to_owned()]),
    }
}

impl VaultStore {
    /// What [`crate::Store::access`] promises.
    pub(super) async fn accessors(&self, name: &SecretName) -> Result<Vec<Accessor>> {
        let routes = routes(&self.address(name).await?);
        self.live(name).await?;
        let during = |error: ApiError| error.during(Action::Describe, name);
        let texts = self.policy_texts().await.map_err(during)?;
        let policies = Policies::of(texts, &routes);
        let holders = Holders::read(&self.client).await.map_err(during)?;
        Ok(policies.accessors(&routes, &holders, Timestamp::now()))
    }

    /// Every policy's name and text, except that of `root`, which has none.
    async fn policy_texts(&self) -> Result<Vec<(String, String)>, ApiError> {
        let names = self.client.list(POLICIES).await?.into_iter().filter(|name| name != ROOT);
        let read =
            |name: String| async move { Ok(self.policy(&name).await?.map(|stored| (name, stored.policy))) };
        let texts = futures::stream::iter(names).map(read).buffer_unordered(CONCURRENCY);
        texts.try_filter_map(|text| async { Ok(text) }).try_collect().await
    }
}
