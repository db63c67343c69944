//! Amazon Resource Names: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, and what one says about a secret.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.

use std::fmt;

/// A parsed ARN. Its parts are as they were written; some are empty for some services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arn {
    /// `aws`, `aws-cn`, `aws-us-gov`, ….
    pub partition: String,
    /// `secretsmanager`, `iam`, ….
    pub service: String,
    /// Empty for global services.
    pub region: String,
    /// Twelve digits, or empty.
    pub account: String,
    /// The rest, colons included.
    pub resource: String,
}

impl Arn {
    /// Parses an ARN; `None` for other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        let mut part = || parts.next().map(str::to_owned);
        let arn = Self {
            partition: part()?,
            service: part()?,
            region: part()?,
            account: part()?,
            resource: part()?,
        };
        let is_complete =
            arn.partition.starts_with("aws") && !arn.service.is_empty() && !arn.resource.is_empty();
        is_complete.then_some(arn)
    }

    /// The name of the secret: the resource without `secret:`, and without the `-` and six characters that AWS appends.
    ///
    /// `None` when it is no secret's ARN, or has no suffix (a partial ARN).
    #[must_use]
    pub fn secret_name(&self) -> Option<&str> {
        let name = self.resource.strip_prefix("secret:").filter(|_| self.service == "secretsmanager")?;
        let (name, suffix) = name.rsplit_once('-')?;
        let is_suffix = suffix.len() == 6 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (is_suffix && !name.is_empty()).then_some(name)
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(formatter, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// Whether two texts name one KMS key to a secret, or to its copy in `region`. AWS takes an id, an alias, and the ARN of either, and does not say
/// in which of these it gives a key back. A key and an alias of it are two: which key an alias is for changes.
#[must_use]
pub fn is_same_key(secret: &Arn, region: &str, one: &str, other: &str) -> bool {
    let whole = |text: &str| match Arn::parse(text) {
        Some(arn) => arn.resource.strip_prefix("key/").map_or_else(|| text.to_owned(), str::to_owned),
        None if text.starts_with("alias/") => {
            format!("arn:{}:kms:{region}:{}:{text}", secret.partition, secret.account)
        }
        None => text.to_owned(),
    };
    whole(one) == whole(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_same_in_all_its_spellings() {
        let secret =
            Arn::parse("arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:db-AbC123").unwrap();
        let is_same = |one: &str, other: &str| is_same_key(&secret, "cn-north-1", one, other);
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let key = format!("arn:aws-cn:kms:cn-north-1:123456789012:key/{id}");
        let alias = "arn:aws-cn:kms:cn-north-1:123456789012:alias/a/b";
        for (one, other) in [(id, id), (id, &key), (&key, id), ("alias/a/b", alias), (alias, "alias/a/b")] {
            assert!(is_same(one, other), "{one} {other}");
        }
        for (one, other) in [
            (id, "alias/a/b"),
            (alias, "alias/a"),
            ("alias/a/b", "arn:aws-cn:kms:cn-north-1:210987654321:alias/a/b"),
            ("alias/a/b", "arn:aws-cn:kms:cn-northwest-1:123456789012:alias/a/b"),
            (id, "mrk-1234abcd12ab34cd56ef1234567890ab"),
        ] {
            assert!(!is_same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn an_arn_prints_as_it_was_parsed() {
        for text in [
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-AbC123",
            "arn:aws-cn:iam::123456789012:role/path/app",
            "arn:aws:lambda:eu-central-1:123456789012:function:rotate:live",
        ] {
            assert_eq!(Arn::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "prod/db", "arn:aws:iam", "arn:gcp:a:b:c:d", "arn:aws:iam::1:"] {
            assert_eq!(Arn::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_name_of_a_secret_is_read_from_a_whole_arn_only() {
        let name = |resource: &str| {
            let arn =
                Arn::parse(&format!("arn:aws:secretsmanager:eu-central-1:123456789012:{resource}")).unwrap();
            arn.secret_name().map(str::to_owned)
        };
        assert_eq!(name("secret:prod/orders/db-AbC123"), Some("prod/orders/db".to_owned()));
        assert_eq!(name("secret:prod-backup-AbC123"), Some("prod-backup".to_owned()));
        assert_eq!(name("secret:prod/orders/db"), None);
        assert_eq!(name("secret:-AbC123"), None);
        assert_eq!(name("key:prod-AbC123"), None);
    }
}
