//! The contract of the trait, on KV version 2.

use secret_store::Principal;
use secret_store::contract::{self, Names, Options};
use secretlint_tests::servers::openbao::OpenBao;
use serde_json::json;

use crate::kv::{movable_clock, open};

#[tokio::test(flavor = "multi_thread")]
async fn kv_version_2_keeps_the_contract() {
    let Some(bao) = OpenBao::shared() else { return };
    let mount = bao.fresh_kv2_mount();
    let (clock, advance) = movable_clock();
    let store = open(bao, &mount).with_clock(clock);
    let users = bao.fresh_auth_method("userpass");
    let principals = ["one", "two"].map(|user| {
        bao.write(&format!("auth/{users}/users/{user}"), &json!({"password": "only an example"}));
        Principal::parse(&format!("userpass:{users}/{user}")).unwrap()
    });
    let options = Options { principals: Some(principals), advance: Some(advance), names: Names::Any };
    contract::all(&store, &options).await;
    let left = bao.request("LIST", &format!("{mount}/metadata"), None);
    assert_eq!(
        (left.status, left.json),
        (404, json!({"errors": []})),
        "everything was purged, also what waited"
    );
}
