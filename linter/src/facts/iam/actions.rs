//! Which AWS actions reach secrets, parameters and their keys, and at which of five levels. Source: the service authorization reference of
//! Secrets Manager, Systems Manager and KMS.

/// Levels in the order facts list them.
const LEVELS: [&str; 5] = ["read", "write", "rotate", "describe", "administer"];

const ACTIONS: [(&str, &str); 55] = [
    ("secretsmanager:getsecretvalue", "read"),
    ("secretsmanager:batchgetsecretvalue", "read"),
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

/// Services whose objects a resource of a statement can be: `*` all three, an ARN the one it names.
pub(super) fn services_of(resource: &str) -> Vec<&'static str> {
    const SERVICES: [(&str, &str); 3] =
        [("secretsmanager", "secret:"), ("ssm", "parameter/"), ("kms", "key/")];
    let lower = resource.to_ascii_lowercase();
    let mut parts = lower.splitn(6, ':');
    if parts.next() != Some("arn") {
        // Not an ARN: `*`, a pattern over a whole ARN such as `*:secret:x`, or an address.
        return SERVICES
            .iter()
            .filter(|(service, _)| lower.starts_with('*') || lower == "?" || lower.contains(service))
            .map(|(service, _)| *service)
            .collect();
    }
    let service_pattern = parts.nth(1).unwrap_or("*").to_owned();
    SERVICES
        .iter()
        .map(|(service, _)| *service)
        .filter(|service| matches(&service_pattern, service))
        .collect()
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
    }
}
