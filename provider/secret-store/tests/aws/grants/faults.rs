//! Every request of giving and revoking lost, refused or broken once, and the call made again: one grant, or none, and nothing beside.

use secret_store::{Access, Grant, GrantPlace, GrantSpec, Store, StoreError};
use secretlint_tests::proxy::{Proxy, Rule, When};

use crate::granted::{Scene, refused, to, wait};
use crate::scene::open_once;

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// It is carried out, and the connection breaks before the answer.
    AnswerLost,
    /// The connection breaks before AWS hears of it.
    Reset,
    Throttled,
    /// It is carried out, and AWS says that it had a failure of its own.
    CarriedOutAnd500,
    Failed,
}

const FAULTS: [Fault; 5] =
    [Fault::AnswerLost, Fault::Reset, Fault::Throttled, Fault::CarriedOutAnd500, Fault::Failed];

impl Fault {
    /// Strikes the request after the first so many.
    fn at(self, index: usize) -> Rule {
        let when = When::request("^POST / ").after(index).times(1);
        match self {
            Self::AnswerLost => when.loses_the_answer(),
            Self::Reset => when.resets(),
            Self::Throttled => when.refuses(400, "ThrottlingException", "Rate exceeded"),
            Self::CarriedOutAnd500 => {
                when.passes_then_refuses(500, "InternalServiceError", "An error occurred")
            }
            Self::Failed => when.refuses(500, "InternalServiceError", "An error occurred"),
        }
    }
}

/// What there is of grants, as AWS's own client sees it.
fn traces(scene: &Scene, key: &str, role: &str) -> [usize; 4] {
    [
        scene.statements().len(),
        scene.key_grants(key).len(),
        scene.inline_policies(role).len(),
        scene.index().len(),
    ]
}

/// Makes a call through the proxy with one request failing, then again without, by a store of another process. Gives the number
/// of requests that the first made.
fn disturbed<T>(
    scene: &Scene,
    rule: Rule,
    call: impl Fn(&dyn Store) -> Result<T, StoreError>,
) -> (Result<T, StoreError>, Result<T, StoreError>, usize) {
    let proxy = Proxy::to(scene.api.address());
    proxy.add(rule);
    let store = open_once(&scene.api.at(proxy.address())).impatient();
    let first = call(&store);
    (first, call(&scene.another_store(scene.api.address())), proxy.requests().len())
}

fn check(via: GrantPlace, expected: [usize; 4]) {
    let Some((scene, key)) = Scene::with_key() else { return };
    let role = scene.api.fresh_role(None);
    let spec: GrantSpec = to(&role, Access::Read, via);
    for fault in FAULTS {
        for index in 0.. {
            let at = format!("{via} {fault:?} {index}");
            let (first, again, given) =
                disturbed(&scene, fault.at(index), |store| wait(store.grant(&scene.secret, spec.clone())));
            assert!(first.as_ref().err().is_none_or(StoreError::is_transient), "{at}: {first:?}");
            let grant: Grant = again.unwrap_or_else(|error| panic!("{at}: {error}"));
            assert_eq!(traces(&scene, &key, &role), expected, "{at}");
            assert_eq!(
                wait(scene.store.grants(&scene.secret)).unwrap(),
                std::slice::from_ref(&grant),
                "{at}"
            );

            let (first, again, taken) =
                disturbed(&scene, fault.at(index), |store| wait(store.revoke(&scene.secret, &grant.id)));
            let is_done = |error: &StoreError| error.is_transient() || error.is_not_found();
            assert!(first.as_ref().err().is_none_or(is_done), "{at}: {first:?}");
            assert!(again.as_ref().err().is_none_or(StoreError::is_not_found), "{at}: {again:?}");
            assert_eq!(traces(&scene, &key, &role), [0; 4], "{at}");
            if index >= given.max(taken) {
                break;
            }
        }
    }
}

#[test]
fn a_statement_in_the_policy_of_the_secret_is_there_once_or_not_at_all() {
    check(GrantPlace::ResourcePolicy, [1, 1, 0, 0]);
}

#[test]
fn a_policy_of_the_principals_own_is_there_once_or_not_at_all() {
    check(GrantPlace::IdentityPolicy, [0, 0, 1, 1]);
}

#[test]
fn a_burst_of_throttled_requests_is_waited_out() {
    let Some((scene, key)) = Scene::with_key() else { return };
    let proxy = Proxy::to(scene.api.address());
    for operation in ["DescribeSecret", "GetResourcePolicy", "PutResourcePolicy", "CreateGrant"] {
        let when = When::request(&format!(" {operation}$")).times(2);
        proxy.add(when.refuses(400, "ThrottlingException", "Rate exceeded"));
    }
    let role = scene.api.fresh_role(None);
    let store = scene.another_store(proxy.address());
    wait(store.grant(&scene.secret, to(&role, Access::Read, GrantPlace::ResourcePolicy))).unwrap();
    assert_eq!(traces(&scene, &key, &role), [1, 1, 0, 0]);
}

#[test]
fn a_principal_that_never_comes_is_to_blame_however_often_aws_was_busy_before() {
    let Some((scene, _)) = Scene::with_key() else { return };
    let role = scene.api.fresh_role(None);
    let proxy = Proxy::to(scene.api.address());
    let when = || When::request(" PutResourcePolicy$");
    proxy.add(when().times(4).refuses(400, "ThrottlingException", "Rate exceeded"));
    let words = "This resource policy contains an unsupported principal.";
    proxy.add(when().refuses(400, "MalformedPolicyDocumentException", words));
    let store = scene.another_store(proxy.address());
    let given = wait(store.grant(&scene.secret, to(&role, Access::Read, GrantPlace::ResourcePolicy)));
    refused(given, "principal", words);
}
