//! What extractors hand over: facts, and the ties between resources that can be made only when all resources are read.

use std::collections::HashMap;

use super::core::feeds::Feed;
use super::kubernetes::Role;
use super::model::{Facts, Store};
use super::vault;

/// Facts of some changes, with the ties to make.
#[derive(Default)]
pub(crate) struct Collected {
    pub(crate) facts: Facts,
    pub(crate) ties: Vec<Tie>,
    /// Ids, ARNs and names that are known now, with the address of the secret or store they belong to.
    pub(crate) identities: Vec<(String, String)>,
    /// Generators and who reads them.
    pub(crate) feeds: Vec<Feed>,
    /// Kubernetes roles.
    pub(crate) roles: Vec<Role>,
    /// What is known of the Vault server.
    pub(crate) vault: vault::Server,
}

/// A resource that belongs to a secret.
pub(crate) struct Tie {
    /// Address of the rotation or version.
    pub(crate) from: String,
    /// What it is to the secret.
    pub(crate) kind: TieKind,
    /// Store of the secret; of an audit the kind of the store.
    pub(crate) store: &'static str,
    /// Which secret or store.
    pub(crate) to: TiedTo,
}

/// What a resource is to its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TieKind {
    /// It rotates it.
    Rotation,
    /// It holds its value, which got there in this way.
    Version(Option<&'static str>),
    /// It writes down who reads the secrets of a [`super::model::Store`]; `to` then names the store.
    Audit,
}

/// Which secret a resource belongs to.
pub(crate) enum TiedTo {
    /// One of these addresses; exactly the one where there is one.
    Addresses(Vec<String>),
    /// The one of this id, ARN or name.
    Identity(String),
    /// Cannot be told.
    Unknown,
}

impl Collected {
    /// Adds what came after.
    pub(crate) fn append(&mut self, mut later: Self) {
        let (facts, more) = (&mut self.facts, &mut later.facts);
        facts.secrets.append(&mut more.secrets);
        facts.rotations.append(&mut more.rotations);
        facts.grants.append(&mut more.grants);
        facts.exposures.append(&mut more.exposures);
        facts.credentials.append(&mut more.credentials);
        facts.keys.append(&mut more.keys);
        facts.stores.append(&mut more.stores);
        facts.audits.append(&mut more.audits);
        facts.deliveries.append(&mut more.deliveries);
        facts.removals.append(&mut more.removals);
        facts.generators.append(&mut more.generators);
        facts.trusts.append(&mut more.trusts);
        facts.certificates.append(&mut more.certificates);
        facts.unreadable.append(&mut more.unreadable);
        self.ties.append(&mut later.ties);
        self.identities.append(&mut later.identities);
        self.feeds.append(&mut later.feeds);
        self.roles.append(&mut later.roles);
        self.vault.append(later.vault);
    }

    /// Ties rotations and values to their secrets, and names secrets by address where a grant names them by a known ARN or id.
    pub(crate) fn tie(mut self) -> Facts {
        vault::tie(std::mem::take(&mut self.vault), &mut self.facts);
        let places: HashMap<String, usize> = self
            .facts
            .secrets
            .iter()
            .enumerate()
            .map(|(place, secret)| (secret.origin.address.clone(), place))
            .collect();
        let identities: HashMap<&str, &str> =
            self.identities.iter().map(|(identity, address)| (identity.as_str(), address.as_str())).collect();
        audits(&self.ties, &identities, &mut self.facts.stores);
        let mut rotated: HashMap<&str, String> = HashMap::new();
        for tie in self.ties.iter().filter(|tie| tie.kind != TieKind::Audit) {
            let candidates: Vec<usize> = match &tie.to {
                TiedTo::Addresses(addresses) => {
                    addresses.iter().filter_map(|address| places.get(address).copied()).collect()
                }
                TiedTo::Identity(identity) => identities
                    .get(identity.as_str())
                    .and_then(|address| places.get(*address))
                    .copied()
                    .into_iter()
                    .collect(),
                TiedTo::Unknown => self
                    .facts
                    .secrets
                    .iter()
                    .enumerate()
                    .filter(|(_, secret)| secret.store == tie.store)
                    .map(|(place, _)| place)
                    .collect(),
            };
            let certain = candidates.len() == 1 && !matches!(tie.to, TiedTo::Unknown);
            for place in candidates {
                let Some(secret) = self.facts.secrets.get_mut(place) else { continue };
                match tie.kind {
                    TieKind::Rotation if certain => {
                        secret.rotations.push(tie.from.clone());
                        rotated.insert(&tie.from, secret.origin.address.clone());
                    }
                    TieKind::Rotation => secret.rotation_maybe = true,
                    TieKind::Version(source) if certain => secret.value_source = source,
                    TieKind::Version(_) => secret.value_source = None,
                    TieKind::Audit => {}
                }
            }
        }
        for rotation in &mut self.facts.rotations {
            if let Some(secret) = rotated.get(rotation.origin.address.as_str()) {
                rotation.secret = Some(secret.clone());
            }
        }
        for grant in self.facts.grants.iter_mut().filter(|grant| grant.concerns_secrets) {
            for resource in &mut grant.resources {
                if let Some(address) = identities.get(resource.as_str()) {
                    *resource = (*address).to_owned();
                }
            }
        }
        super::core::feeds::tie(&self.feeds, &mut self.facts.generators);
        super::kubernetes::tie(&self.roles, &mut self.facts.grants);
        self.facts
    }
}

/// Gives every store its audits. One whose store cannot be told may be for any of its kind, of which the rules then say nothing for certain.
fn audits(ties: &[Tie], identities: &HashMap<&str, &str>, stores: &mut [Store]) {
    for tie in ties.iter().filter(|tie| tie.kind == TieKind::Audit) {
        for store in stores.iter_mut().filter(|store| store.kind == tie.store) {
            let address = store.origin.address.as_str();
            let is_meant = match &tie.to {
                TiedTo::Addresses(addresses) => addresses.iter().any(|candidate| candidate == address),
                TiedTo::Identity(identity) => identities.get(identity.as_str()) == Some(&address),
                TiedTo::Unknown => {
                    if store.audited != Some(true) {
                        store.audited = None;
                        store.origin.unknown.push("audited".to_owned());
                    }
                    continue;
                }
            };
            if is_meant {
                store.audited = Some(true);
                store.origin.unknown.retain(|field| field != "audited");
                store.audits.push(tie.from.clone());
            }
        }
    }
}
