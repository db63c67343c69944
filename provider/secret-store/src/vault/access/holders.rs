//! Who holds which policies: the roles and users of the auth methods, entities and groups, and the roles that tokens are made by.

use std::collections::BTreeMap;

use futures::StreamExt;

use super::super::client::{ApiError, Client};
use super::super::principal::{CONCURRENCY, Fields, Method, auth_mounts, names_at, read_fields, texts};

/// Somebody who gets tokens with certain policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    /// As a grant would name it.
    pub(super) principal: String,
    /// The names of its policies, and, for what comes by a group, that group.
    pub(super) policies: Vec<(String, Option<String>)>,
    /// Whether `default` is among them without being named.
    pub(super) has_default: bool,
}

/// All holders that can be seen, and what cannot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Holders {
    pub(super) seen: Vec<Holder>,
    /// What may hold policies and was not looked into, with the reason.
    pub(super) unseen: Vec<String>,
}

impl Holders {
    /// Reads them all. What the token may not see is told in `unseen`.
    pub(super) async fn read(client: &Client) -> Result<Self, ApiError> {
        let mut holders = Self::default();
        if let Some(mounts) = holders.permitted("sys/auth", auth_mounts(client).await)? {
            for (mount, method) in mounts {
                holders.read_mount(client, &mount, &method).await?;
            }
        }
        holders.read_identities(client).await?;
        Ok(holders)
    }

    /// What was answered; none, and noted, when the token lacks the right.
    fn permitted<T>(&mut self, what: &str, answer: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(ApiError::Denied { .. }) => {
                self.unseen.push(format!("the token may not read `{what}`"));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Everything below a path, by name.
    async fn read_all(&mut self, client: &Client, folder: &str) -> Result<Vec<(String, Fields)>, ApiError> {
        let Some(names) = self.permitted(folder, names_at(client, folder).await)? else {
            return Ok(Vec::new());
        };
        let read = |name: String| async move {
            let fields = read_fields(client, &format!("{folder}/{name}")).await;
            (name, fields)
        };
        let answers: Vec<_> =
            futures::stream::iter(names).map(read).buffer_unordered(CONCURRENCY).collect().await;
        let mut all = Vec::new();
        for (name, answer) in answers {
            if let Some(Some(fields)) = self.permitted(&format!("{folder}/{name}"), answer)? {
                all.push((name, fields));
            }
        }
        Ok(all)
    }

    async fn read_mount(&mut self, client: &Client, mount: &str, method: &str) -> Result<(), ApiError> {
        if method == "token" || method == "ns_token" {
            for (name, fields) in self.read_all(client, &format!("auth/{mount}/roles")).await? {
                self.add_token_role(&name, &fields);
            }
            return Ok(());
        }
        let usual = Method::ALL.into_iter().find(|known| known.as_str() == mount && known.is_type(method));
        let Some(known) = usual.or_else(|| Method::ALL.into_iter().find(|known| known.is_type(method)))
        else {
            self.unseen
                .push(format!("`auth/{mount}` is of type `{method}`, whose roles are not looked into"));
            return Ok(());
        };
        let place = if usual.is_some() { format!("{known}:") } else { format!("{known}:{mount}/") };
        for (name, fields) in self.read_all(client, &format!("auth/{mount}/{}", known.folder())).await? {
            for principal in principals(known, &place, &name, &fields) {
                let mut policies = texts(&fields, "token_policies");
                policies.extend(texts(&fields, "policies"));
                let has_default = fields.get("token_no_default_policy") != Some(&true.into());
                let policies = policies.into_iter().map(|policy| (policy, None)).collect();
                self.seen.push(Holder { principal, policies, has_default });
            }
        }
        Ok(())
    }

    /// Whoever may use a token role gets tokens with any of its policies.
    fn add_token_role(&mut self, name: &str, fields: &Fields) {
        let globs = texts(fields, "allowed_policies_glob");
        if !globs.is_empty() {
            self.unseen.push(format!(
                "token role `{name}` allows every policy that is like `{}`",
                globs.join("`, `")
            ));
        }
        let policies = texts(fields, "allowed_policies").into_iter().map(|policy| (policy, None)).collect();
        let has_default = fields.get("token_no_default_policy") != Some(&true.into());
        self.seen.push(Holder { principal: format!("token role `{name}`"), policies, has_default });
    }

    async fn read_identities(&mut self, client: &Client) -> Result<(), ApiError> {
        let groups: BTreeMap<_, _> = self.read_all(client, "identity/group/id").await?.into_iter().collect();
        for (id, group) in &groups {
            let policies = texts(group, "policies").into_iter().map(|policy| (policy, None)).collect();
            let principal = format!("group:{}", text(group, "name").unwrap_or(id));
            self.seen.push(Holder { principal, policies, has_default: true });
        }
        for (id, entity) in self.read_all(client, "identity/entity/id").await? {
            if entity.get("disabled") == Some(&true.into()) {
                continue;
            }
            let mut policies: Vec<_> =
                texts(&entity, "policies").into_iter().map(|policy| (policy, None)).collect();
            for group in texts(&entity, "group_ids").iter().filter_map(|id| groups.get(id)) {
                let name = text(group, "name").map(str::to_owned);
                policies.extend(texts(group, "policies").into_iter().map(|policy| (policy, name.clone())));
            }
            let principal = format!("entity:{}", text(&entity, "name").unwrap_or(&id));
            self.seen.push(Holder { principal, policies, has_default: true });
        }
        Ok(())
    }
}

fn text<'a>(fields: &'a Fields, key: &str) -> Option<&'a str> {
    fields.get(key)?.as_str()
}

/// Who can use a role: itself by name, or the service accounts it is bound to.
fn principals(method: Method, place: &str, name: &str, fields: &Fields) -> Vec<String> {
    if method != Method::Kubernetes {
        return vec![format!("{place}{name}")];
    }
    let mut namespaces = texts(fields, "bound_service_account_namespaces");
    namespaces.extend(
        text(fields, "bound_service_account_namespace_selector")
            .filter(|selector| !selector.is_empty())
            .map(|selector| format!("[{selector}]")),
    );
    let accounts = texts(fields, "bound_service_account_names");
    let all = namespaces
        .iter()
        .flat_map(|namespace| accounts.iter().map(move |account| format!("{place}{namespace}/{account}")));
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_of_kubernetes_is_shown_as_the_service_accounts_it_is_for() {
        let fields = serde_json::json!({"bound_service_account_names": ["a", "b"], "bound_service_account_namespaces": ["prod"],
            "bound_service_account_namespace_selector": "{\"matchLabels\":{}}"});
        let serde_json::Value::Object(fields) = fields else { panic!("an object") };
        assert_eq!(
            principals(Method::Kubernetes, "kubernetes:", "role", &fields),
            [
                "kubernetes:prod/a",
                "kubernetes:prod/b",
                "kubernetes:[{\"matchLabels\":{}}]/a",
                "kubernetes:[{\"matchLabels\":{}}]/b"
            ]
        );
        assert_eq!(principals(Method::AppRole, "approle:team/", "x", &fields), ["approle:team/x"]);
    }
}
