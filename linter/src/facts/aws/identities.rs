//! IAM: where the policy documents of roles, users, groups and permission sets stand. [`iam`] reads what is in them.

use serde_json::Value;

use super::super::collected::Collected;
use super::super::iam::{self, Attached};
use super::super::subject::{Subject, steps};

/// The trust policy and the policies that are written in a role itself.
pub(super) fn role(subject: &Subject<'_>, collected: &mut Collected) {
    iam::policy(subject, &steps!["assume_role_policy"], &Attached::Trust, collected);
    if let Some(Value::Array(policies)) = subject.after.get("inline_policy") {
        for index in 0..policies.len() {
            iam::policy(subject, &steps!["inline_policy", index, "policy"], &Attached::Identity, collected);
        }
    }
    if let Some(Value::Array(arns)) = subject.after.get("managed_policy_arns") {
        for index in 0..arns.len() {
            iam::managed(subject, &steps!["managed_policy_arns", index], collected);
        }
    }
}

/// A policy of a user, group or role, or a managed one.
pub(super) fn policy(subject: &Subject<'_>, collected: &mut Collected) {
    iam::policy(subject, &steps!["policy"], &Attached::Identity, collected);
}

/// A managed policy that is attached.
pub(super) fn attachment(subject: &Subject<'_>, collected: &mut Collected) {
    iam::managed(subject, &steps!["policy_arn"], collected);
}

/// A policy written in a permission set.
pub(super) fn permission_set_policy(subject: &Subject<'_>, collected: &mut Collected) {
    iam::policy(subject, &steps!["inline_policy"], &Attached::Identity, collected);
}

/// A managed policy that is attached to a permission set.
pub(super) fn permission_set_attachment(subject: &Subject<'_>, collected: &mut Collected) {
    iam::managed(subject, &steps!["managed_policy_arn"], collected);
}
