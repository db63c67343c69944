//! Who may do what with which secret, as a graph: principals, secrets, and an edge for what the grants of a plan allow. Made of facts
//! alone, so it can hold no value; smaller than the facts, so that it can be kept for every plan of a run.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::facts::model::{Facts, Grant, Secret};

/// The graph of one plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessMap {
    /// Who.
    pub principals: Vec<Node>,
    /// Which secrets, patterns of secrets, and keys.
    pub secrets: Vec<Node>,
    /// What is allowed.
    pub edges: Vec<Edge>,
    /// Statements that forbid something. They are counted and not drawn: what they take away depends on the request.
    pub denials: usize,
}

/// A principal or a secret, or a group of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Its name in full.
    pub name: String,
    /// Where it belongs: an account, a store.
    pub home: Option<String>,
    /// How many it stands for.
    pub count: usize,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// Everybody, or everybody of a wide circle.
    Anybody,
    /// A principal that is named.
    Principal,
    /// Whoever a policy is attached to, or a role bound to.
    Holder,
    /// A secret of the plan.
    Secret,
    /// A key that protects secrets.
    Key,
    /// A secret that is named and not part of the plan.
    Elsewhere,
    /// All secrets whose name fits.
    Pattern,
    /// Decided at apply.
    Unknown,
}

/// What one principal may do with one secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Index of the principal.
    pub principal: usize,
    /// Index of the secret.
    pub secret: usize,
    /// `read`, `write` …; empty where that is decided at apply.
    pub access: BTreeSet<&'static str>,
    /// The principal or the secret is not named one by one.
    pub wildcard: bool,
    /// The principal belongs to another account than the secret.
    pub cross_account: bool,
    /// Every statement behind it has conditions: it holds for some requests only.
    pub conditional: bool,
    /// How many pairs of a principal and a secret it stands for: one, if neither is a group.
    pub relations: usize,
    /// Addresses of the resources that say so.
    pub origins: BTreeSet<String>,
}

impl AccessMap {
    /// The graph of what a plan leaves behind.
    ///
    /// Whose account a secret is in stands in its ARN. Where a secret has none before apply, it is taken to be in the account that all other
    /// secrets and keys of the plan are in; with several such accounts nothing is said about it.
    #[must_use]
    pub fn new(facts: &Facts) -> Self {
        let mut builder = Builder::new(facts);
        for secret in facts.secrets.iter().filter(|secret| remains(&secret.origin.actions)) {
            builder.secret(secret);
        }
        let mut denials = 0;
        for grant in &facts.grants {
            if !grant.concerns_secrets || !remains(&grant.origin.actions) {
                continue;
            }
            if grant.effect == "allow" {
                builder.grant(grant);
            } else {
                denials += 1;
            }
        }
        builder.finish(denials)
    }

    /// Nothing to draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.principals.is_empty() && self.secrets.is_empty()
    }

    /// The same with at most about `most` nodes on each side: principals together by account, secrets by store and the first part of their
    /// name; then the rest. What is a wildcard stays by itself as long as possible.
    #[must_use]
    pub fn grouped(&self, most: usize) -> Self {
        let principals = Grouping::new(&self.principals, most, "principals");
        let secrets = Grouping::new(&self.secrets, most, "secrets");
        let mut edges: BTreeMap<(usize, usize), Edge> = BTreeMap::new();
        for edge in &self.edges {
            let edge = Edge {
                principal: principals.of[edge.principal],
                secret: secrets.of[edge.secret],
                ..edge.clone()
            };
            merge(&mut edges, edge);
        }
        Self {
            principals: principals.nodes,
            secrets: secrets.nodes,
            edges: edges.into_values().collect(),
            denials: self.denials,
        }
    }
}

fn remains(actions: &[String]) -> bool {
    !actions.iter().all(|action| action == "delete" || action == "forget")
}

fn merge(edges: &mut BTreeMap<(usize, usize), Edge>, edge: Edge) {
    match edges.entry((edge.principal, edge.secret)) {
        std::collections::btree_map::Entry::Vacant(free) => {
            free.insert(edge);
        }
        std::collections::btree_map::Entry::Occupied(mut taken) => {
            let known = taken.get_mut();
            known.access.extend(edge.access);
            known.wildcard |= edge.wildcard;
            known.cross_account |= edge.cross_account;
            known.conditional &= edge.conditional;
            known.relations += edge.relations;
            known.origins.extend(edge.origins);
        }
    }
}

struct Builder<'a> {
    keys: BTreeSet<&'a str>,
    /// Index of the node of a secret by its address.
    by_address: HashMap<&'a str, usize>,
    /// The same by its name in the store.
    by_name: HashMap<&'a str, usize>,
    home_account: Option<String>,
    principals: Vec<Node>,
    principal_indexes: HashMap<Node, usize>,
    secrets: Vec<Node>,
    secret_indexes: HashMap<Node, usize>,
    edges: BTreeMap<(usize, usize), Edge>,
}

fn index_of(node: Node, nodes: &mut Vec<Node>, indexes: &mut HashMap<Node, usize>) -> usize {
    if let Some(index) = indexes.get(&node) {
        return *index;
    }
    nodes.push(node.clone());
    indexes.insert(node, nodes.len() - 1);
    nodes.len() - 1
}

impl<'a> Builder<'a> {
    fn new(facts: &'a Facts) -> Self {
        let resources = facts.grants.iter().flat_map(|grant| &grant.resources);
        let accounts: BTreeSet<&str> = resources.filter_map(|resource| account(resource)).collect();
        let home = if accounts.len() == 1 { accounts.first() } else { None };
        Self {
            keys: facts.keys.iter().map(|key| key.origin.address.as_str()).collect(),
            by_address: HashMap::new(),
            by_name: HashMap::new(),
            home_account: home.map(|account| (*account).to_owned()),
            principals: Vec::new(),
            principal_indexes: HashMap::new(),
            secrets: Vec::new(),
            secret_indexes: HashMap::new(),
            edges: BTreeMap::new(),
        }
    }

    fn secret(&mut self, secret: &'a Secret) {
        let name = secret.name.clone().unwrap_or_else(|| secret.origin.address.clone());
        // The address tells two secrets of one name, in two regions for instance, from each other.
        let home = Some(format!("{}, {}", secret.store, secret.origin.address));
        self.secrets.push(Node { kind: NodeKind::Secret, name, home, count: 1 });
        let index = self.secrets.len() - 1;
        self.by_address.insert(&secret.origin.address, index);
        if let Some(name) = &secret.name {
            self.by_name.entry(name).or_insert(index);
        }
    }

    fn grant(&mut self, grant: &Grant) {
        let targets = self.targets(grant);
        for principal in self.principals_of(grant) {
            for (secret, owner) in &targets {
                self.edge(grant, principal, *secret, owner.as_deref());
            }
        }
    }

    fn edge(&mut self, grant: &Grant, principal: usize, secret: usize, owner: Option<&str>) {
        let from = &self.principals[principal];
        let to = &self.secrets[secret];
        let cross_account =
            matches!((account(&from.name), owner), (Some(theirs), Some(ours)) if theirs != ours);
        // An account that lets its own IAM policies decide opens nothing by itself; another account's does.
        if grant.delegates_to_account && !cross_account {
            return;
        }
        let edge = Edge {
            principal,
            secret,
            access: grant.access.iter().copied().collect(),
            wildcard: from.kind == NodeKind::Anybody || to.kind == NodeKind::Pattern,
            cross_account,
            conditional: !grant.condition_keys.is_empty(),
            // Several grants of one pair are merged; the pair is counted at the end.
            relations: 0,
            origins: BTreeSet::from([grant.origin.address.clone()]),
        };
        merge(&mut self.edges, edge);
    }

    fn principals_of(&mut self, grant: &Grant) -> Vec<usize> {
        let is_unknown = grant.origin.unknown.iter().any(|field| field == "principals");
        let nodes: Vec<Node> = match &grant.principals {
            Some(named) if grant.negated.contains(&"principals") => {
                vec![node(NodeKind::Anybody, format!("everybody but {}", named.join(", ")), None)]
            }
            Some(named) => named.iter().map(|name| principal(name)).collect(),
            None if is_unknown => {
                let home = Some(grant.origin.address.clone());
                vec![node(NodeKind::Unknown, "decided at apply".to_owned(), home)]
            }
            None => {
                let home = match grant.kind {
                    "rbac_role" => "whoever is bound to it",
                    _ => "whoever it is attached to",
                };
                vec![node(NodeKind::Holder, grant.origin.address.clone(), Some(home.to_owned()))]
            }
        };
        nodes
            .into_iter()
            .map(|node| index_of(node, &mut self.principals, &mut self.principal_indexes))
            .collect()
    }

    /// Indexes of the secrets that a grant names, each with the account it is in.
    fn targets(&mut self, grant: &Grant) -> Vec<(usize, Option<String>)> {
        if grant.negated.contains(&"resources") {
            let name = format!("everything but {}", grant.resources.join(", "));
            let node = node(NodeKind::Pattern, name, None);
            return vec![(index_of(node, &mut self.secrets, &mut self.secret_indexes), None)];
        }
        if grant.resources.is_empty() {
            let node =
                node(NodeKind::Unknown, "decided at apply".to_owned(), Some(grant.origin.address.clone()));
            return vec![(index_of(node, &mut self.secrets, &mut self.secret_indexes), None)];
        }
        let mut targets = Vec::new();
        for resource in &grant.resources {
            let owner = account(resource).map(str::to_owned).or_else(|| self.home_account.clone());
            let index = match self.secret_named(resource) {
                Some(index) => index,
                None => {
                    let kind = if self.keys.contains(resource.as_str()) || resource.contains(":key/") {
                        NodeKind::Key
                    } else if resource.contains(['*', '?']) {
                        NodeKind::Pattern
                    } else {
                        NodeKind::Elsewhere
                    };
                    let node =
                        node(kind, resource.clone(), account(resource).map(|id| format!("account {id}")));
                    index_of(node, &mut self.secrets, &mut self.secret_indexes)
                }
            };
            targets.push((index, owner));
        }
        targets
    }

    fn secret_named(&self, resource: &str) -> Option<usize> {
        if let Some(index) = self.by_address.get(resource).or_else(|| self.by_name.get(resource)) {
            return Some(*index);
        }
        let name = resource.split_once(":secret:").or_else(|| resource.split_once(":parameter"))?.1;
        // Secrets Manager ends an ARN with a hyphen and six characters, for which a policy often writes question marks or a star.
        let without_suffix = name.rsplit_once('-').filter(|(_, suffix)| suffix.len() == 6 || *suffix == "*");
        let candidates =
            [Some(name), name.strip_prefix('/'), without_suffix.map(|(name, _)| name)].into_iter().flatten();
        candidates.into_iter().find_map(|name| self.by_name.get(name).copied())
    }

    /// A principal that is allowed nothing, because all it has is the delegation of its own account, is left out; a secret stays.
    fn finish(self, denials: usize) -> AccessMap {
        let allowed: BTreeSet<usize> = self.edges.keys().map(|(principal, _)| *principal).collect();
        let new_index: HashMap<usize, usize> =
            allowed.iter().enumerate().map(|(new, old)| (*old, new)).collect();
        let edges = self.edges.into_values();
        AccessMap {
            principals: allowed.iter().map(|index| self.principals[*index].clone()).collect(),
            secrets: self.secrets,
            edges: edges
                .map(|edge| Edge { principal: new_index[&edge.principal], relations: 1, ..edge })
                .collect(),
            denials,
        }
    }
}

const fn node(kind: NodeKind, name: String, home: Option<String>) -> Node {
    Node { kind, name, home, count: 1 }
}

fn principal(name: &str) -> Node {
    let wide = match name {
        "*" => Some("anybody"),
        "group:system:authenticated" => Some("everybody who has logged in to the cluster"),
        "group:system:unauthenticated" | "user:system:anonymous" => Some("anybody who reaches the cluster"),
        "group:system:serviceaccounts" => Some("every workload of the cluster"),
        _ => None,
    };
    match wide {
        Some(words) => node(NodeKind::Anybody, name.to_owned(), Some(words.to_owned())),
        None if name.contains('*') => {
            node(NodeKind::Anybody, name.to_owned(), Some("everybody who fits".to_owned()))
        }
        None => node(NodeKind::Principal, name.to_owned(), account(name).map(|id| format!("account {id}"))),
    }
}

/// The account in an ARN, or the number of an account itself.
fn account(text: &str) -> Option<&str> {
    let is_account = |part: &str| part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit());
    if is_account(text) {
        return Some(text);
    }
    text.strip_prefix("arn:")?.split(':').nth(3).filter(|part| is_account(part))
}

/// Which group each node is in.
struct Grouping {
    nodes: Vec<Node>,
    /// Index of the group, by index of the node.
    of: Vec<usize>,
}

impl Grouping {
    fn new(members: &[Node], most: usize, noun: &str) -> Self {
        if members.len() <= most {
            return Self { nodes: members.to_vec(), of: (0..members.len()).collect() };
        }
        let is_alone = |node: &Node| matches!(node.kind, NodeKind::Anybody | NodeKind::Pattern);
        let at_depth = |depth| Self::by(members, noun, |node| (!is_alone(node)).then(|| key(node, depth)));
        // As fine as there is room for.
        let finer = [2, 1].into_iter().map(at_depth).find(|grouping| grouping.nodes.len() <= most);
        let by_key = finer.unwrap_or_else(|| at_depth(0));
        if by_key.nodes.len() <= most {
            return by_key;
        }
        // Still too many, hundreds of accounts for instance: those that stand for most stay, the others become one.
        let mut sizes: Vec<(bool, usize, usize)> = by_key
            .nodes
            .iter()
            .enumerate()
            .map(|(index, node)| (is_alone(node), node.count, index))
            .collect();
        sizes.sort_by(|left, right| right.cmp(left));
        let kept: BTreeSet<usize> =
            sizes.iter().take(most.saturating_sub(1)).map(|(.., index)| *index).collect();
        let mut nodes: Vec<Node> = Vec::new();
        let mut new_index = HashMap::new();
        let rest: Vec<&Node> = by_key
            .nodes
            .iter()
            .enumerate()
            .filter(|(index, _)| !kept.contains(index))
            .map(|(_, node)| node)
            .collect();
        for (index, node) in by_key.nodes.iter().enumerate().filter(|(index, _)| kept.contains(index)) {
            new_index.insert(index, nodes.len());
            nodes.push(node.clone());
        }
        let count = rest.iter().map(|node| node.count).sum();
        let kind = rest.first().map_or(NodeKind::Unknown, |node| node.kind);
        nodes.push(Node { kind, name: format!("{count} other {noun}"), home: None, count });
        let last = nodes.len() - 1;
        let of = by_key.of.iter().map(|index| new_index.get(index).copied().unwrap_or(last)).collect();
        Self { nodes, of }
    }

    fn by(members: &[Node], noun: &str, key: impl Fn(&Node) -> Option<(NodeKind, String)>) -> Self {
        let mut nodes: Vec<Node> = Vec::new();
        let mut of = Vec::with_capacity(members.len());
        let mut groups: HashMap<(NodeKind, String), usize> = HashMap::new();
        for member in members {
            let fresh = nodes.len();
            let index = match key(member) {
                Some(key) => *groups.entry(key).or_insert(fresh),
                None => fresh,
            };
            if index == fresh {
                nodes.push(member.clone());
            } else {
                nodes[index].count += 1;
            }
            of.push(index);
        }
        for ((_, title), index) in groups {
            let group = &mut nodes[index];
            if group.count > 1 {
                group.name = format!("{} {noun}", group.count);
                group.home = Some(title);
            }
        }
        Self { nodes, of }
    }
}

/// What a node has in common with others of its group: of a secret, the first `depth` parts of its name.
fn key(node: &Node, depth: usize) -> (NodeKind, String) {
    let title = match node.kind {
        NodeKind::Secret => {
            let store = node.home.as_deref().and_then(|home| home.split(", ").next()).unwrap_or_default();
            let name: Vec<&str> = node.name.trim_start_matches('/').split('/').collect();
            // The last part is the secret's own.
            match name.get(..depth.min(name.len() - 1)) {
                Some(first) if !first.is_empty() => format!("{store}, {}/…", first.join("/")),
                _ => store.to_owned(),
            }
        }
        NodeKind::Principal => match &node.home {
            Some(home) => home.clone(),
            None => node.name.split_once(':').map_or("other", |(kind, _)| kind).to_owned(),
        },
        NodeKind::Holder => node.home.clone().unwrap_or_default(),
        NodeKind::Key => "keys".to_owned(),
        NodeKind::Elsewhere => "not in this plan".to_owned(),
        NodeKind::Anybody | NodeKind::Pattern | NodeKind::Unknown => "decided at apply".to_owned(),
    };
    (node.kind, title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read_from_an_arn_only() {
        assert_eq!(account("arn:aws:iam::123456789012:role/x"), Some("123456789012"));
        assert_eq!(account("123456789012"), Some("123456789012"));
        assert_eq!(account("arn:aws:s3:::bucket"), None);
        assert_eq!(account("service:lambda.amazonaws.com"), None);
    }

    fn many(count: usize) -> AccessMap {
        let principals = (0..count)
            .map(|number| principal(&format!("arn:aws:iam::{:012}:role/r{number}", number % 3)))
            .chain([principal("*")])
            .collect();
        let secrets = (0..count)
            .map(|number| {
                node(NodeKind::Secret, format!("team{}/s{number}", number % 4), Some("aws, x.y".to_owned()))
            })
            .collect();
        let edge = |principal, secret| Edge {
            principal,
            secret,
            access: BTreeSet::from(["read"]),
            wildcard: principal == count,
            cross_account: false,
            conditional: true,
            relations: 1,
            origins: BTreeSet::from([format!("a.b{principal}")]),
        };
        let mut edges: Vec<Edge> = (0..count).map(|number| edge(number, number)).collect();
        edges.push(edge(count, 0));
        AccessMap { principals, secrets, edges, denials: 2 }
    }

    #[test]
    fn a_small_map_stays_as_it_is() {
        assert_eq!(many(20).grouped(30), many(20));
    }

    #[test]
    fn a_big_map_is_grouped_and_loses_neither_a_node_nor_a_mark() {
        let map = many(100);
        let grouped = map.grouped(30);
        assert_eq!((grouped.principals.len(), grouped.secrets.len()), (4, 4));
        assert_eq!(grouped.principals.iter().map(|node| node.count).sum::<usize>(), 101);
        assert_eq!(grouped.secrets.iter().map(|node| node.count).sum::<usize>(), 100);
        assert_eq!(grouped.principals[0].home.as_deref(), Some("account 000000000000"));
        assert_eq!(grouped.edges.iter().filter(|edge| edge.wildcard).count(), 1);
        let origins: usize = grouped.edges.iter().map(|edge| edge.origins.len()).sum();
        assert_eq!(origins, 101);
        assert_eq!(grouped.edges.iter().map(|edge| edge.relations).sum::<usize>(), 101);
        let tiny = map.grouped(3);
        // Four accounts do not fit: two stay. Four folders do not fit either, but they are all of one store.
        assert_eq!((tiny.principals.len(), tiny.secrets.len()), (3, 1));
        assert_eq!(tiny.secrets[0].count, 100);
        assert!(
            tiny.principals.iter().any(|node| node.kind == NodeKind::Anybody),
            "a wildcard stays visible"
        );
    }
}
