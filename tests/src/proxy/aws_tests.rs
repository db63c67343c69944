//! The proxy in front of the doubles of AWS: a rule names an operation, and what is signed comes through.

use serde_json::json;

use super::{Proxy, When};
use crate::servers::aws::ministack::Ministack;
use crate::servers::aws::moto::Moto;
use crate::servers::fresh_name;

#[test]
fn signed_requests_come_through_to_a_server_that_checks_them() {
    let Some(stack) = Ministack::shared() else { return };
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["secretsmanager:ListSecrets", "iam:ListRoles"], "Resource": "*"},
    ]});
    let role = stack.api().assume(&stack.api().fresh_role(Some(&policy)));
    let proxy = Proxy::to(stack.address());
    let through = stack.api().with(&role).at(proxy.address());
    through.does("secretsmanager", "list_secrets", json!({}));
    through.does("iam", "list_roles", json!({}));
    through.does("sts", "get_caller_identity", json!({}));
    let refused = through.call("secretsmanager", "create_secret", json!({"Name": fresh_name("refused")}));
    assert_eq!(refused.expect_err("the policy does not allow it").code, "AccessDeniedException");
    let operations: Vec<_> = proxy.requests().into_iter().filter_map(|seen| seen.operation).collect();
    assert_eq!(operations, ["ListSecrets", "ListRoles", "GetCallerIdentity", "CreateSecret"]);
    assert_eq!(proxy.count("^POST / ListSecrets$"), 1);
}

#[test]
fn one_operation_is_throttled_in_the_form_of_its_protocol() {
    let Some(moto) = Moto::shared() else { return };
    let proxy = Proxy::to(moto.address());
    let through = moto.api().at(proxy.address());
    for (service, operation, pattern) in
        [("secretsmanager", "list_secrets", " ListSecrets$"), ("iam", "list_roles", " ListRoles$")]
    {
        proxy.add(When::request(pattern).times(1).refuses(400, "ThrottlingException", "Rate exceeded"));
        let refused = through.call(service, operation, json!({})).expect_err("it is throttled");
        assert_eq!(refused.to_string(), "ThrottlingException: Rate exceeded");
        through.does(service, operation, json!({}));
    }
    through.does("sts", "get_caller_identity", json!({}));
}

#[test]
fn a_put_whose_answer_is_lost_is_there() {
    let Some(moto) = Moto::shared() else { return };
    let name = fresh_name("lost");
    moto.api().does("secretsmanager", "create_secret", json!({"Name": name, "SecretString": "one"}));
    let proxy = Proxy::to(moto.address());
    proxy.add(When::request(" PutSecretValue$").times(1).loses_the_answer());
    proxy.add(When::request(" PutSecretValue$").times(1).passes_then_refuses(
        500,
        "InternalServiceError",
        "no",
    ));
    let through = moto.api().at(proxy.address());
    let put = |value| {
        through.call("secretsmanager", "put_secret_value", json!({"SecretId": name, "SecretString": value}))
    };
    assert_eq!(put("two").expect_err("the answer is lost").code, "ConnectionClosedError");
    let read = || {
        moto.api().does("secretsmanager", "get_secret_value", json!({"SecretId": name}))["SecretString"]
            .take()
    };
    assert_eq!(read(), "two");
    assert_eq!(put("three").expect_err("the answer is another").code, "InternalServiceError");
    assert_eq!(read(), "three");
    assert_eq!(proxy.count(" PutSecretValue$"), 2);
}
