//! The contract of the trait, on both doubles with their faults corrected.

use secret_store::Principal;
use secret_store::contract::{self, Names, Options};
use secretlint_tests::servers::aws::Api;
use secretlint_tests::servers::aws::ministack::Ministack;
use secretlint_tests::servers::aws::moto::Moto;

use crate::scene::open;

async fn check(api: &Api) {
    let principals = [(); 2].map(|()| Principal::parse(&api.fresh_role(None)).unwrap());
    let options = Options { principals: Some(principals), advance: None, names: Names::Plain };
    contract::all(&open(api), &options).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moto_keeps_the_contract() {
    let Some(moto) = Moto::start() else { return };
    check(moto.api()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ministack_keeps_the_contract() {
    let Some(stack) = Ministack::start() else { return };
    check(stack.api()).await;
}
