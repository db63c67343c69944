//! Whom a grant can be for: one account, role, user, session or service of AWS.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.

use crate::aws::arn::Arn;
use crate::aws::policy::{Who, is_unique_id};
use crate::error::Invalid;
use crate::grant::Principal;

/// A principal that AWS knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::aws) enum AwsPrincipal {
    /// A whole account: whom its own administrators let.
    Account(String),
    /// A role or user, which can have a policy of its own.
    Identity(Identity),
    /// One session of a role, or of a federated user.
    Session(Arn),
    /// `lambda.amazonaws.com`, …
    Service(String),
}

/// A role or user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::aws) struct Identity {
    pub(in crate::aws) arn: Arn,
    pub(in crate::aws) kind: IdentityKind,
    /// Without its path: IAM's calls take no path.
    pub(in crate::aws) name: String,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aws) enum IdentityKind {
    Role,
    User,
}

impl Identity {
    /// Reads the ARN of a role or user.
    pub(in crate::aws) fn parse(text: &str) -> Option<Self> {
        let arn = Arn::parse(text)
            .filter(|arn| arn.service == "iam" && arn.region.is_empty() && is_account(&arn.account))?;
        let (kind, path) = arn.resource.split_once('/')?;
        let kind = match kind {
            "role" => IdentityKind::Role,
            "user" => IdentityKind::User,
            _ => return None,
        };
        let name = path.rsplit('/').next().filter(|name| !name.is_empty())?.to_owned();
        Some(Self { arn, kind, name })
    }

    /// Why nobody may give it a policy of its own, if that is so.
    fn why_protected(&self) -> Option<&'static str> {
        let resource = self.arn.resource.as_str();
        if resource.starts_with("role/aws-service-role/") {
            return Some("it is a service-linked role, whose policies AWS alone writes");
        }
        resource.starts_with("role/aws-reserved/").then_some(
            "it is a role of IAM Identity Center, whose policies come from its permission set; use `resource_policy`, or change the permission set",
        )
    }

    /// Refuses those that cannot have a policy of their own.
    pub(in crate::aws) fn check_own_policy(&self) -> Result<(), Invalid> {
        match self.why_protected() {
            Some(why) => Err(invalid(&format!("`{}` cannot be given an identity policy: {why}", self.arn))),
            None => Ok(()),
        }
    }
}

impl AwsPrincipal {
    /// Reads a principal. `partition` is the store's, where it is known: `aws`, `aws-cn`, ….
    ///
    /// # Errors
    /// [`Invalid`] on field `principal`, with what to write instead.
    pub(in crate::aws) fn parse(principal: &Principal, partition: Option<&str>) -> Result<Self, Invalid> {
        let text = principal.as_str();
        if is_account(text) {
            return Ok(Self::Account(text.to_owned()));
        }
        if is_unique_id(text) {
            return Err(invalid(&format!(
                "`{text}` is the unique id that AWS shows of a deleted role or user; write the ARN of one that exists"
            )));
        }
        if let Some(name) = service(text) {
            return Ok(Self::Service(name.to_owned()));
        }
        let Some(arn) = Arn::parse(text) else { return Err(unknown(text)) };
        if let Some(partition) = partition.filter(|partition| *partition != arn.partition) {
            return Err(invalid(&format!(
                "`{text}` is in the partition `{}`, and the secret in `{partition}`; nothing can be granted across partitions",
                arn.partition
            )));
        }
        if !arn.region.is_empty() || !is_account(&arn.account) || arn.resource.contains('?') {
            return Err(unknown(text));
        }
        let kind = arn.resource.split('/').next().unwrap_or_default();
        match (arn.service.as_str(), kind) {
            ("iam", "root") if arn.resource == "root" => Ok(Self::Account(arn.account)),
            ("iam", "role" | "user") => {
                Identity::parse(text).map(Self::Identity).ok_or_else(|| unknown(text))
            }
            ("sts", "assumed-role")
                if arn.resource.split('/').filter(|part| !part.is_empty()).count() == 3 =>
            {
                Ok(Self::Session(arn))
            }
            ("sts", "federated-user") if arn.resource.split('/').count() == 2 => Ok(Self::Session(arn)),
            ("sts", "assumed-role") => Err(invalid(&format!(
                "`{text}` is not a session: `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`; for every session of a role, write the role's ARN"
            ))),
            ("iam", "group") => Err(invalid(
                "AWS takes no group as a principal, because groups are about permissions, not about who somebody is; grant to a role that its members assume, or to its users",
            )),
            ("iam", "instance-profile") => {
                Err(invalid("an instance profile is no principal; write the ARN of the role in it"))
            }
            ("iam", "saml-provider" | "oidc-provider") => Err(invalid(
                "whoever logs in by an identity provider gets a role first; write the ARN of that role, and limit it in its trust policy",
            )),
            ("iam", "policy") => {
                Err(invalid("a policy is no principal; write the ARN of a role or user that has it"))
            }
            _ => Err(unknown(text)),
        }
    }

    /// The principal as a statement has it.
    pub(in crate::aws) fn who(&self) -> Who {
        match self {
            Self::Account(account) => Who::Aws(account.clone()),
            Self::Identity(identity) => Who::Aws(identity.arn.to_string()),
            Self::Session(arn) => Who::Aws(arn.to_string()),
            Self::Service(name) => Who::Service(name.clone()),
        }
    }

    /// The account it is of; `None` for services.
    pub(in crate::aws) fn account(&self) -> Option<&str> {
        match self {
            Self::Account(account) => Some(account),
            Self::Identity(identity) => Some(&identity.arn.account),
            Self::Session(arn) => Some(&arn.account),
            Self::Service(_) => None,
        }
    }
}

/// The partition that a region is in.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>, and the SDKs' `partitions.json`.
pub(in crate::aws) fn partition_of(region: &str) -> &'static str {
    let partitions = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-iso-", "aws-iso"),
        ("eusc-", "aws-eusc"),
    ];
    partitions.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The name of a service: `lambda.amazonaws.com`, `ec2.amazonaws.com.cn`.
fn service(text: &str) -> Option<&str> {
    let name = text.strip_suffix(".cn").unwrap_or(text).strip_suffix(".amazonaws.com")?;
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte));
    is_name.then_some(text)
}

fn invalid(reason: &str) -> Invalid {
    Invalid::new("principal", reason)
}

fn unknown(text: &str) -> Invalid {
    invalid(&format!(
        "`{text}` is no principal of AWS; write the ARN of a role or user (`arn:aws:iam::123456789012:role/app`), of a session, an account's number, or a service (`lambda.amazonaws.com`)"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<AwsPrincipal, Invalid> {
        AwsPrincipal::parse(&Principal::parse(text)?, Some("aws"))
    }

    #[test]
    fn principals_are_known_by_their_kind() {
        let role = |text: &str| match parse(text).unwrap() {
            AwsPrincipal::Identity(identity) => (identity.kind, identity.name),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(role("arn:aws:iam::123456789012:role/app"), (IdentityKind::Role, "app".to_owned()));
        assert_eq!(role("arn:aws:iam::123456789012:role/a/b/app"), (IdentityKind::Role, "app".to_owned()));
        assert_eq!(role("arn:aws:iam::123456789012:user/me"), (IdentityKind::User, "me".to_owned()));
        for text in ["123456789012", "arn:aws:iam::123456789012:root"] {
            assert_eq!(parse(text).unwrap(), AwsPrincipal::Account("123456789012".to_owned()));
        }
        for text in [
            "arn:aws:sts::123456789012:assumed-role/app/session",
            "arn:aws:sts::123456789012:federated-user/me",
        ] {
            assert!(matches!(parse(text).unwrap(), AwsPrincipal::Session(_)), "{text}");
        }
        for text in ["lambda.amazonaws.com", "delivery.logs.amazonaws.com", "ec2.amazonaws.com.cn"] {
            assert_eq!(parse(text).unwrap(), AwsPrincipal::Service(text.to_owned()));
        }
    }

    #[test]
    fn what_cannot_be_granted_to_is_refused_with_what_to_write_instead() {
        for (text, expected) in [
            ("arn:aws:iam::123456789012:group/admins", "no group"),
            ("arn:aws:iam::*:role/app", "wildcard"),
            ("*", "wildcard"),
            ("arn:aws:iam::123456789012:role/ap?", "no principal of AWS"),
            ("arn:aws-cn:iam::123456789012:role/app", "across partitions"),
            ("arn:aws:iam::123456789012:instance-profile/app", "the role in it"),
            ("arn:aws:iam::123456789012:oidc-provider/token.example.org", "identity provider"),
            ("arn:aws:iam::123456789012:policy/app", "a policy is no principal"),
            ("arn:aws:sts::123456789012:assumed-role/app", "is not a session"),
            ("AROAEXAMPLEEXAMPLEEXA", "unique id"),
            ("arn:aws:iam::1:role/app", "no principal of AWS"),
            ("arn:aws:iam::123456789012:role/", "no principal of AWS"),
            ("arn:aws:s3:::bucket", "no principal of AWS"),
            ("app", "no principal of AWS"),
            (".amazonaws.com", "no principal of AWS"),
            ("123456", "no principal of AWS"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.field, "principal");
            assert!(error.reason.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn roles_that_aws_writes_itself_take_no_policy() {
        let check = |text: &str| Identity::parse(text).unwrap().check_own_policy();
        let service_linked =
            "arn:aws:iam::123456789012:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS";
        assert!(check(service_linked).unwrap_err().reason.contains("service-linked"));
        let center = "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef";
        assert!(check(center).unwrap_err().reason.contains("permission set"));
        check("arn:aws:iam::123456789012:role/app").unwrap();
    }

    #[test]
    fn a_region_is_in_one_partition() {
        for (region, partition) in [
            ("eu-central-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eusc-de-east-1", "aws-eusc"),
        ] {
            assert_eq!(partition_of(region), partition, "{region}");
        }
    }
}
