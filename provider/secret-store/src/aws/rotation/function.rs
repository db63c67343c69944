//! The Lambda function by which a secret is rotated.

use crate::aws::arn::Arn;
use crate::error::Invalid;

/// A Lambda function, by its ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) region: String,
    account: String,
    pub(super) name: String,
    /// A version or an alias.
    qualifier: Option<String>,
}

impl Function {
    /// Reads an ARN.
    ///
    /// # Errors
    /// [`Invalid`] on field `rotation_lambda_arn`.
    pub(super) fn parse(text: &str) -> Result<Self, Invalid> {
        let parsed = Arn::parse(text).filter(|arn| arn.service == "lambda" && !arn.region.is_empty());
        let function = parsed.and_then(|arn| {
            let rest = arn.resource.strip_prefix("function:")?;
            let (name, qualifier) = match rest.split_once(':') {
                Some((name, qualifier)) => (name, Some(qualifier.to_owned())),
                None => (rest, None),
            };
            let is_whole =
                !name.is_empty() && qualifier.as_ref().is_none_or(|qualifier| !qualifier.is_empty());
            is_whole.then(|| Self {
                region: arn.region.clone(),
                account: arn.account.clone(),
                name: name.to_owned(),
                qualifier,
            })
        });
        function.ok_or_else(|| {
            Invalid::new(
                "rotation_lambda_arn",
                format!("`{text}` is not the ARN of a Lambda function, such as `arn:aws:lambda:eu-central-1:123456789012:function:rotate`"),
            )
        })
    }

    /// Refuses a function that is not in the region of the secret, where that is known.
    pub(super) fn check_region(&self, region: Option<&str>) -> Result<(), Invalid> {
        match region.filter(|region| *region != self.region) {
            None => Ok(()),
            Some(region) => Err(Invalid::new(
                "rotation_lambda_arn",
                format!(
                    "the function is in region `{}` and the secret in `{region}`: Secrets Manager invokes functions of its own region only",
                    self.region
                ),
            )),
        }
    }

    /// The command that lets Secrets Manager invoke it, for secrets of the account.
    pub(super) fn permission(&self) -> String {
        let Self { region, account, name, qualifier } = self;
        let qualifier =
            qualifier.as_ref().map(|qualifier| format!(" --qualifier {qualifier}")).unwrap_or_default();
        format!(
            "aws lambda add-permission --region {region} --function-name {name}{qualifier} --statement-id secretsmanager --action lambda:InvokeFunction --principal \
             secretsmanager.amazonaws.com --source-account {account}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_named_by_its_whole_arn() {
        let function =
            Function::parse("arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:rotate").unwrap();
        assert_eq!((function.name.as_str(), function.qualifier), ("rotate", None));
        let alias = Function::parse("arn:aws:lambda:eu-central-1:123456789012:function:rotate:live").unwrap();
        assert_eq!((alias.name.as_str(), alias.qualifier.as_deref()), ("rotate", Some("live")));
        for text in [
            "",
            "rotate",
            "123456789012:function:rotate",
            "arn:aws:lambda:eu-central-1:123456789012:layer:rotate",
            "arn:aws:lambda:eu-central-1:123456789012:function:",
            "arn:aws:lambda:eu-central-1:123456789012:function:rotate:",
            "arn:aws:lambda::123456789012:function:rotate",
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rotate-AbC123",
        ] {
            assert_eq!(Function::parse(text).unwrap_err().field, "rotation_lambda_arn", "{text}");
        }
    }

    #[test]
    fn a_function_of_another_region_is_refused_where_the_region_is_known() {
        let function = Function::parse("arn:aws:lambda:us-east-1:123456789012:function:rotate").unwrap();
        function.check_region(None).unwrap();
        function.check_region(Some("us-east-1")).unwrap();
        assert!(function.check_region(Some("eu-central-1")).unwrap_err().reason.contains("`us-east-1`"));
    }
}
