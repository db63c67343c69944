//! Who can use a secret: whom its own policy lets in, and which roles and users of the account have policies that do.
//!
//! The policy of the secret is read here; a denial in it is taken into account where it is about exactly the same people and
//! has no condition, and is said otherwise. The policies of roles and users, with their groups, boundaries and what the
//! organization allows, are simulated by IAM itself. A simulation knows nothing of the policy of the secret (AWS simulates none for
//! roles), nor of other accounts.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::{EvaluationResult, PolicyEvaluationDecisionType};
use futures::StreamExt;

use super::AwsStore;
use super::fault::Fault;
use super::grants::Subject;
use super::grants::statement::{Sid, all_actions};
use super::policy::{Effect, Elements, Matching, Policy, Statement, Who};
use crate::Result;
use crate::grant::{Access, AccessReport, Accessor, Grant};
use crate::name::SecretName;

/// How many simulations run at once. IAM answers few requests a second, and says so.
const CONCURRENCY: usize = 4;
/// What a simulation shows as its source.
const IDENTITY_POLICIES: &str = "identity policies";

/// What can be done to one secret, value first.
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html>.
const ACTIONS: [&str; 18] = [
    "secretsmanager:GetSecretValue",
    "secretsmanager:DescribeSecret",
    "secretsmanager:ListSecretVersionIds",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecret",
    "secretsmanager:UpdateSecretVersionStage",
    "secretsmanager:RotateSecret",
    "secretsmanager:CancelRotateSecret",
    "secretsmanager:DeleteSecret",
    "secretsmanager:RestoreSecret",
    "secretsmanager:GetResourcePolicy",
    "secretsmanager:PutResourcePolicy",
    "secretsmanager:DeleteResourcePolicy",
    "secretsmanager:ReplicateSecretToRegions",
    "secretsmanager:RemoveRegionsFromReplication",
    "secretsmanager:StopReplicationToReplica",
    "secretsmanager:TagResource",
    "secretsmanager:UntagResource",
];

/// The kinds of access that these rights are enough for.
fn access_of(rights: &BTreeSet<String>) -> BTreeSet<Access> {
    // What each cannot be without; the rest of a grant's actions makes it comfortable.
    let needed = |access| match access {
        Access::Read => "secretsmanager:GetSecretValue",
        Access::Write => "secretsmanager:PutSecretValue",
        Access::Rotate => "secretsmanager:RotateSecret",
        Access::Describe => "secretsmanager:DescribeSecret",
    };
    let all = [Access::Read, Access::Write, Access::Rotate, Access::Describe];
    let mut access: BTreeSet<Access> = all.into_iter().filter(|one| rights.contains(needed(*one))).collect();
    // `UpdateSecret` writes a value too.
    if rights.contains("secretsmanager:UpdateSecret") {
        access.insert(Access::Write);
    }
    access
}

impl AwsStore {
    /// What [`crate::Store::access`] promises.
    pub(super) async fn accessors(&self, name: &SecretName) -> Result<AccessReport> {
        let subject = self.subject(name).await?;
        let policy = self.policy_of(&subject).await?;
        let mut report = AccessReport::default();
        let denials = Denials::of(&policy, &subject, &mut report.not_examined);
        for statement in policy.statements() {
            report.accessors.extend(allowed(statement, &subject, &denials));
        }
        self.by_own_policies(&subject, &denials, &mut report).await?;
        report.accessors.sort();
        Ok(report)
    }

    /// Adds the roles and users of the account, by the grants that are in their policies and by simulation.
    async fn by_own_policies(
        &self,
        subject: &Subject,
        denials: &Denials,
        report: &mut AccessReport,
    ) -> Result<()> {
        let grants = self.own_policies(subject).await?;
        let simulated = match self.identities().await {
            Ok(identities) => self.simulate_all(subject, identities).await,
            Err(fault) => Err(fault),
        };
        let mut rights = match simulated {
            Ok(simulated) => simulated,
            Err(fault) => {
                report.not_examined.push(format!(
                    "the policies of roles and users: {}",
                    why_not(&fault, "iam:ListRoles, iam:ListUsers and iam:SimulatePrincipalPolicy")
                ));
                Vec::new()
            }
        };
        for identity in &mut rights {
            report.not_examined.extend(identity.unsure());
            denials.apply(&Who::Aws(identity.arn.clone()), &mut identity.allowed);
            // Those who have no more than their grant are shown by it.
            let granted = grants.iter().filter(|grant| grant.spec.principal.as_str() == identity.arn);
            let granted: BTreeSet<&str> = granted.flat_map(|grant| all_actions(&grant.spec.access)).collect();
            if identity.allowed.iter().any(|action| !granted.contains(action.as_str())) {
                report.accessors.push(Accessor {
                    principal: identity.arn.clone(),
                    access: access_of(&identity.allowed),
                    capabilities: std::mem::take(&mut identity.allowed),
                    through: Some(IDENTITY_POLICIES.to_owned()),
                    grant: None,
                    expires_at: None,
                });
            }
        }
        report.accessors.extend(grants.into_iter().map(by_grant));
        Ok(())
    }

    /// The roles and users of the account, without those that AWS made for its own services.
    async fn identities(&self) -> Result<Vec<String>, Fault> {
        let clients = self
            .clients()
            .await
            .map_err(|error| Fault::Unreachable { reason: error.to_string(), source: None })?;
        let mut identities = Vec::new();
        let mut pages = clients.iam.list_roles().into_paginator().send();
        while let Some(page) = pages.next().await {
            let roles = page?.roles;
            let roles = roles.into_iter().filter(|role| !role.path.starts_with("/aws-service-role/"));
            identities.extend(roles.map(|role| role.arn));
        }
        let mut pages = clients.iam.list_users().into_paginator().send();
        while let Some(page) = pages.next().await {
            identities.extend(page?.users.into_iter().map(|user| user.arn));
        }
        Ok(identities)
    }

    async fn simulate_all(&self, subject: &Subject, identities: Vec<String>) -> Result<Vec<Rights>, Fault> {
        let simulations: Vec<_> =
            identities.into_iter().map(|identity| self.simulate(subject, identity)).collect();
        let mut simulated = futures::stream::iter(simulations).buffer_unordered(CONCURRENCY);
        let mut all = Vec::new();
        while let Some(rights) = simulated.next().await {
            all.extend(rights?);
        }
        all.sort_by(|one: &Rights, other| one.arn.cmp(&other.arn));
        Ok(all)
    }

    /// What one role or user may do by its policies; `None` when it was deleted meanwhile.
    async fn simulate(&self, subject: &Subject, identity: String) -> Result<Option<Rights>, Fault> {
        let clients = self
            .clients()
            .await
            .map_err(|error| Fault::Unreachable { reason: error.to_string(), source: None })?;
        let request = clients.iam.simulate_principal_policy().policy_source_arn(&identity);
        let request = request.resource_arns(subject.arn.to_string());
        let request = request.set_action_names(Some(ACTIONS.map(str::to_owned).to_vec()));
        let mut pages = request.into_paginator().send();
        let mut rights = Rights { arn: identity, allowed: BTreeSet::new(), depends: BTreeMap::new() };
        while let Some(page) = pages.next().await {
            match page.map_err(Fault::from) {
                Ok(page) => {
                    for result in page.evaluation_results.unwrap_or_default() {
                        rights.add(&result);
                    }
                }
                Err(fault) if fault.is("NoSuchEntity") => return Ok(None),
                Err(fault) => return Err(fault),
            }
        }
        Ok(Some(rights))
    }
}

/// What a role or user may do.
#[derive(Debug)]
struct Rights {
    arn: String,
    allowed: BTreeSet<String>,
    /// Actions that depend on what is known only when somebody asks, by what that is.
    depends: BTreeMap<String, BTreeSet<String>>,
}

impl Rights {
    fn add(&mut self, result: &EvaluationResult) {
        let action = result.eval_action_name();
        if *result.eval_decision() == PolicyEvaluationDecisionType::Allowed {
            self.allowed.insert(action.to_owned());
        } else if *result.eval_decision() == PolicyEvaluationDecisionType::ImplicitDeny
            && !result.missing_context_values().is_empty()
        {
            let keys = result.missing_context_values().join(", ");
            self.depends.entry(keys).or_default().insert(action.to_owned());
        }
    }

    /// What cannot be said, in words.
    fn unsure(&self) -> Vec<String> {
        let sentence = |(keys, actions): (&String, &BTreeSet<String>)| {
            format!(
                "whether `{}` may {} depends on {keys}, which is known only when it asks",
                self.arn,
                list(actions)
            )
        };
        self.depends.iter().map(sentence).collect()
    }
}

/// What statements of the secret's policy take away.
#[derive(Debug, Default)]
struct Denials(Vec<(Who, BTreeSet<&'static str>)>);

impl Denials {
    fn of(policy: &Policy, subject: &Subject, not_examined: &mut Vec<String>) -> Self {
        let mut denials = Self::default();
        for (index, statement) in policy.statements().iter().enumerate() {
            let elements = statement.elements();
            let actions = actions_in(elements);
            if elements.effect != Effect::Deny || actions.is_empty() || !is_about(elements, subject) {
                continue;
            }
            match &elements.principal {
                Some(Matching::Only(principals)) if elements.conditions.is_empty() => {
                    denials.0.extend(principals.iter().map(|who| (who.clone(), actions.clone())));
                }
                principal => {
                    let whom = match principal {
                        Some(Matching::AllBut(principals)) => format!("everybody but {}", people(principals)),
                        Some(Matching::Only(principals)) => people(principals),
                        None => "somebody".to_owned(),
                    };
                    let condition = if elements.conditions.is_empty() { "" } else { ", under conditions" };
                    not_examined.push(format!(
                        "{} denies {} to {whom}{condition}: those who are listed may be refused",
                        place(statement, index),
                        list(&actions)
                    ));
                }
            }
        }
        denials
    }

    /// Takes away what somebody is denied. A denial to an account is one to everybody in it.
    fn apply(&self, who: &Who, rights: &mut BTreeSet<String>) {
        for (denied, actions) in &self.0 {
            let is_meant = match (denied, who) {
                (Who::Everybody, _) => true,
                (Who::Aws(account), Who::Aws(arn)) if !account.contains(':') => {
                    arn == account || arn.split(':').nth(4) == Some(account)
                }
                (denied, who) => denied == who,
            };
            if is_meant {
                rights.retain(|action| !actions.contains(action.as_str()));
            }
        }
    }
}

/// Whom a statement lets in.
fn allowed(statement: &Statement, subject: &Subject, denials: &Denials) -> Vec<Accessor> {
    let elements = statement.elements();
    let actions = actions_in(elements);
    if elements.effect != Effect::Allow || actions.is_empty() || !is_about(elements, subject) {
        return Vec::new();
    }
    let grant = subject.grant(statement);
    let sid = statement.sid().map_or_else(|| "a statement of the resource policy".to_owned(), str::to_owned);
    let through = if elements.conditions.is_empty() || grant.is_some() {
        sid
    } else {
        format!("{sid} (under conditions: {})", condition_keys(elements))
    };
    let accessor = |who: &Who, principal: String| {
        let mut capabilities: BTreeSet<String> = actions.iter().map(|action| (*action).to_owned()).collect();
        denials.apply(who, &mut capabilities);
        (!capabilities.is_empty()).then(|| Accessor {
            principal,
            access: access_of(&capabilities),
            capabilities,
            through: Some(through.clone()),
            grant: grant.as_ref().map(|grant| grant.id),
            expires_at: grant.as_ref().and_then(|grant| grant.spec.expires_at),
        })
    };
    match &elements.principal {
        Some(Matching::Only(principals)) => principals
            .iter()
            .filter_map(|who| {
                let name =
                    grant.as_ref().map_or_else(|| who.text(), |grant| grant.spec.principal.to_string());
                accessor(who, name)
            })
            .collect(),
        Some(Matching::AllBut(principals)) => {
            accessor(&Who::Everybody, format!("everybody but {}", people(principals))).into_iter().collect()
        }
        None => Vec::new(),
    }
}

fn by_grant(grant: Grant) -> Accessor {
    let capabilities: BTreeSet<String> =
        all_actions(&grant.spec.access).into_iter().map(str::to_owned).collect();
    Accessor {
        access: access_of(&capabilities),
        capabilities,
        through: Some(IDENTITY_POLICIES.to_owned()),
        ..Accessor::from(grant)
    }
}

/// The actions on a secret that a statement is about.
fn actions_in(elements: &Elements) -> BTreeSet<&'static str> {
    let mentions = |patterns: &BTreeSet<String>, action: &str| {
        patterns.iter().any(|pattern| matches(pattern, &action.to_ascii_lowercase()))
    };
    let is_meant = |action: &&str| match &elements.action {
        Matching::Only(patterns) => mentions(patterns, action),
        Matching::AllBut(patterns) => !mentions(patterns, action),
    };
    ACTIONS.into_iter().filter(is_meant).collect()
}

/// Whether a statement is about this secret.
fn is_about(elements: &Elements, subject: &Subject) -> bool {
    let arn = subject.arn.to_string();
    let mentions = |patterns: &BTreeSet<String>| patterns.iter().any(|pattern| matches(pattern, &arn));
    match &elements.resource {
        Some(Matching::Only(patterns)) => mentions(patterns),
        Some(Matching::AllBut(patterns)) => !mentions(patterns),
        None => true,
    }
}

/// IAM's patterns: `*` for any text, `?` for one character.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // Where to go on when what follows the last star does not fit: one further.
    let (mut at, mut read, mut star) = (0, 0, None);
    while read < text.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at, read));
            at += 1;
        } else if pattern.get(at).is_some_and(|one| *one == '?' || *one == text[read]) {
            at += 1;
            read += 1;
        } else if let Some((star_at, from)) = star {
            star = Some((star_at, from + 1));
            at = star_at + 1;
            read = from + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|one| *one == '*')
}

fn place(statement: &Statement, index: usize) -> String {
    match statement.sid().filter(|sid| Sid::parse(sid).is_none()) {
        Some(sid) => format!("statement `{sid}` of the resource policy"),
        None => format!("statement {} of the resource policy", index + 1),
    }
}

fn people(principals: &BTreeSet<Who>) -> String {
    let names: Vec<String> = principals
        .iter()
        .map(|who| match who {
            Who::Everybody => "everybody".to_owned(),
            other => format!("`{}`", other.text()),
        })
        .collect();
    names.join(", ")
}

fn condition_keys(elements: &Elements) -> String {
    let keys: BTreeSet<String> =
        elements.conditions.values().flat_map(BTreeMap::keys).map(|key| elements.spelling.of(key)).collect();
    keys.into_iter().collect::<Vec<_>>().join(", ")
}

fn list<T: AsRef<str>>(actions: &BTreeSet<T>) -> String {
    let names: Vec<&str> = actions.iter().map(AsRef::as_ref).collect();
    names.join(", ")
}

/// Why IAM was not asked, or did not answer.
fn why_not(fault: &Fault, rights: &str) -> String {
    match fault {
        Fault::Refused { code, message } if code.contains("AccessDenied") => {
            format!("this identity needs {rights} ({message})")
        }
        Fault::Refused { code, message } => format!("IAM did not simulate them: {message} ({code})"),
        Fault::Throttled => "IAM is limiting requests; try again later".to_owned(),
        Fault::Credentials { reason, .. } | Fault::Unreachable { reason, .. } => reason.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grant::AccessSet;

    #[test]
    fn patterns_match_as_iam_does() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "a:b", true),
            ("a:*", "a:b", true),
            ("a:get*", "a:getsecretvalue", true),
            ("a:*value", "a:getsecretvalue", true),
            ("a:*s*t*", "a:getsecretvalue", true),
            ("a:g?t", "a:get", true),
            ("a:g?t", "a:gt", false),
            ("a:get", "a:getx", false),
            ("", "a", false),
            ("", "", true),
            ("a**b", "ab", true),
            ("*a*b", "xaxbx", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn each_access_of_a_grant_is_among_the_actions_and_is_recognised() {
        for access in [Access::Read, Access::Write, Access::Rotate, Access::Describe] {
            let grant = AccessSet::new([access]).unwrap();
            let rights: BTreeSet<String> = all_actions(&grant).into_iter().map(str::to_owned).collect();
            assert!(rights.iter().all(|action| ACTIONS.contains(&action.as_str())), "{access}");
            assert!(access_of(&rights).contains(&access), "{access}");
        }
    }
}
