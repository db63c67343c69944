//! Which AWS actions reach secrets, parameters and their keys, and at which of five levels. Source: the service authorization reference of
//! Secrets Manager, Systems Manager and KMS.

/// Levels in the order facts list them.
const LEVELS: [&str; 5] = ["read", "write", "rotate", "describe", "administer"];

const ACTIONS: [(&str, &str); 55] = [
    ("secretsmanager:getsecretvalue", "read"),
    // Takes no resource but `*`, and of what it finds gives only values that `GetSecretValue` lets the caller read.
    ("secretsmanager:batchgetsecretvalue", "describe"),
    ("secretsmanager:createsecret", "write"),
    ("secretsmanager:putsecretvalue", "write"),
    ("secretsmanager:updatesecret", "write"),
    ("secretsmanager:updatesecretversionstage", "write"),
    ("secretsmanager:rotatesecret", "rotate"),
    ("secretsmanager:cancelrotatesecret", "rotate"),
    ("secretsmanager:describesecret", "describe"),
    ("secretsmanager:getresourcepolicy", "describe"),
    ("secretsmanager:listsecrets", "describe"),
    ("secretsmanager:listsecretversionids", "describe"),
    ("secretsmanager:validateresourcepolicy", "describe"),
    ("secretsmanager:deleteresourcepolicy", "administer"),
    ("secretsmanager:deletesecret", "administer"),
    ("secretsmanager:putresourcepolicy", "administer"),
    ("secretsmanager:removeregionsfromreplication", "administer"),
    ("secretsmanager:replicatesecrettoregions", "administer"),
    ("secretsmanager:restoresecret", "administer"),
    ("secretsmanager:stopreplicationtoreplica", "administer"),
    ("secretsmanager:tagresource", "administer"),
    ("secretsmanager:untagresource", "administer"),
    ("ssm:getparameter", "read"),
    ("ssm:getparameters", "read"),
    ("ssm:getparametersbypath", "read"),
    ("ssm:getparameterhistory", "read"),
    ("ssm:putparameter", "write"),
    ("ssm:labelparameterversion", "write"),
    ("ssm:describeparameters", "describe"),
    ("ssm:deleteparameter", "administer"),
    ("ssm:deleteparameters", "administer"),
    ("kms:decrypt", "read"),
    ("kms:reencryptfrom", "read"),
    ("kms:encrypt", "write"),
    ("kms:reencryptto", "write"),
    ("kms:generatedatakey", "write"),
    ("kms:generatedatakeywithoutplaintext", "write"),
    ("kms:importkeymaterial", "write"),
    ("kms:enablekeyrotation", "rotate"),
    ("kms:disablekeyrotation", "rotate"),
    ("kms:rotatekeyondemand", "rotate"),
    ("kms:describekey", "describe"),
    ("kms:getkeypolicy", "describe"),
    ("kms:getkeyrotationstatus", "describe"),
    ("kms:listgrants", "describe"),
    ("kms:listkeys", "describe"),
    ("kms:listaliases", "describe"),
    ("kms:creategrant", "administer"),
    ("kms:deletealias", "administer"),
    ("kms:disablekey", "administer"),
    ("kms:putkeypolicy", "administer"),
    ("kms:revokegrant", "administer"),
    ("kms:schedulekeydeletion", "administer"),
    ("kms:cancelkeydeletion", "administer"),
    ("kms:updatealias", "administer"),
];

/// Whether a list of actions names what is allowed, or everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listed {
    /// `Action`.
    Only,
    /// `NotAction`.
    AllBut,
}

/// Levels that the actions reach on objects of `services` (`secretsmanager`, `ssm`, `kms`).
pub(super) fn levels(actions: &[String], listed: Listed, services: &[&str]) -> Vec<&'static str> {
    let patterns: Vec<String> = actions.iter().map(|action| action.to_ascii_lowercase()).collect();
    let reached =
        |name: &str| patterns.iter().any(|pattern| matches(pattern, name)) == (listed == Listed::Only);
    let mut levels: Vec<&'static str> = Vec::new();
    for (name, level) in ACTIONS {
        let service = name.split(':').next().unwrap_or_default();
        if services.contains(&service) && !levels.contains(&level) && reached(name) {
            levels.push(level);
        }
    }
    levels.sort_by_key(|level| LEVELS.iter().position(|known| known == level));
    levels
}

/// IAM's wildcards: `*` for any run of characters, `?` for one. Both sides in lower case.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut text_at) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while text_at < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, text_at));
                at += 1;
            }
            Some(byte) if *byte == b'?' || Some(byte) == text.get(text_at) => {
                at += 1;
                text_at += 1;
            }
            _ => match star {
                Some((star_at, taken)) => {
                    star = Some((star_at, taken + 1));
                    at = star_at + 1;
                    text_at = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

/// Per service the resource types of its ARNs that are, or lead to, secrets and keys. A document of Systems Manager is neither.
const OBJECTS: [(&str, &[&str]); 3] =
    [("secretsmanager", &["secret:"]), ("ssm", &["parameter/"]), ("kms", &["key/", "alias/"])];

/// Services whose secrets or keys a resource of a statement can be: `*` all three, an ARN the one it names.
pub(super) fn services_of(resource: &str) -> Vec<&'static str> {
    let lower = resource.to_ascii_lowercase();
    let parts: Vec<&str> = lower.splitn(6, ':').collect();
    let is_reached = |service: &str, types: &[&str]| match parts.as_slice() {
        ["arn", rest @ ..] => {
            let object = rest.get(4).copied().unwrap_or("*");
            matches(rest.get(1).copied().unwrap_or("*"), service)
                && types.iter().any(|kind| can_begin_with(object, kind))
        }
        // An address: `aws_ssm_document.x` is of the service, and no secret.
        _ if lower.contains("aws_ssm_") => service == "ssm" && lower.contains("aws_ssm_parameter"),
        // A pattern over a whole ARN such as `*:secret:x`, or another address.
        _ => lower.starts_with('*') || lower == "?" || lower.contains(service),
    };
    OBJECTS
        .iter()
        .filter(|(service, types)| is_reached(service, types))
        .map(|(service, _)| *service)
        .collect()
}

/// Some text that the pattern matches begins with `start`. A policy variable (`${…}`) can be any text.
fn can_begin_with(pattern: &str, start: &str) -> bool {
    let mut pattern = pattern.bytes();
    for byte in start.bytes() {
        match pattern.next() {
            Some(b'*' | b'$') => return true,
            Some(found) if found == b'?' || found == byte => {}
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(actions: &[&str], listed: Listed, expected: &[&str]) {
        let actions: Vec<String> = actions.iter().map(ToString::to_string).collect();
        assert_eq!(levels(&actions, listed, &["secretsmanager", "ssm", "kms"]), expected, "{actions:?}");
    }

    #[test]
    fn actions_have_levels_through_wildcards() {
        check(&["secretsmanager:GetSecretValue"], Listed::Only, &["read"]);
        // It lists; each value asks for `GetSecretValue` as well.
        check(&["secretsmanager:BatchGetSecretValue"], Listed::Only, &["describe"]);
        check(&["secretsmanager:Get*"], Listed::Only, &["read", "describe"]);
        check(&["SecretsManager:*"], Listed::Only, &["read", "write", "rotate", "describe", "administer"]);
        check(&["*"], Listed::Only, &["read", "write", "rotate", "describe", "administer"]);
        check(&["ssm:GetParameter*"], Listed::Only, &["read"]);
        check(&["kms:Decryp?"], Listed::Only, &["read"]);
        check(&["s3:*", "iam:PassRole"], Listed::Only, &[]);
    }

    #[test]
    fn everything_but_some_actions_is_the_rest() {
        check(&["iam:*"], Listed::AllBut, &["read", "write", "rotate", "describe", "administer"]);
        check(&["secretsmanager:*", "ssm:*", "kms:*"], Listed::AllBut, &[]);
        check(&["*"], Listed::AllBut, &[]);
    }

    #[test]
    fn resources_name_services() {
        assert_eq!(services_of("*"), ["secretsmanager", "ssm", "kms"]);
        assert_eq!(services_of("arn:aws:s3:::bucket/*"), Vec::<&str>::new());
        assert_eq!(services_of("arn:aws:secretsmanager:*:*:secret:prod/*"), ["secretsmanager"]);
        assert_eq!(services_of("arn:*:s*:*:*:*"), ["secretsmanager", "ssm"]);
        assert_eq!(services_of("arn:aws:kms:eu-west-1:123456789012:key/x"), ["kms"]);
        assert_eq!(services_of("arn:aws:ssm:*"), ["ssm"]);
        assert_eq!(services_of("module.a.aws_ssm_parameter.b"), ["ssm"]);
    }

    #[test]
    fn a_resource_type_that_holds_no_secret_is_of_no_service() {
        let none: Vec<&str> = Vec::new();
        assert_eq!(services_of("arn:aws:ssm:*:*:document/*"), none);
        assert_eq!(services_of("arn:aws:ssm:eu-west-1:123456789012:managed-instance/mi-*"), none);
        assert_eq!(services_of("aws_ssm_document.a"), none);
        assert_eq!(services_of("arn:aws:ssm:*:*:param*"), ["ssm"]);
        assert_eq!(services_of("arn:aws:ssm:*:*:${aws:PrincipalTag/team}/*"), ["ssm"]);
        assert_eq!(services_of("arn:aws:kms:*:*:alias/orders"), ["kms"]);
    }
}
