//! The inventory: all pages, in order, and what cannot be managed.

use futures::StreamExt;
use secret_store::{DeletedSecrets, Deletion, ListFilter, Store};
use secretlint_tests::servers::aws::moto::Moto;
use serde_json::json;

use crate::scene::{name, open};

#[tokio::test(flavor = "multi_thread")]
async fn an_inventory_has_all_pages_in_order_and_says_which_it_cannot_use() {
    let Some(moto) = Moto::start() else { return };
    let api = moto.api();
    for number in (0..205).rev() {
        api.does(
            "secretsmanager",
            "create_secret",
            json!({"Name": format!("many/{number:03}"), "SecretString": "x"}),
        );
    }
    for odd in ["/leading", "MANY/upper"] {
        api.does("secretsmanager", "create_secret", json!({"Name": odd, "SecretString": "x"}));
    }
    let store = open(api);
    store.delete(&name("many/007"), Deletion::Recoverable { days: 7 }).await.unwrap();
    let list = async |prefix: Option<&str>, deleted: DeletedSecrets| {
        let filter = ListFilter { prefix: prefix.map(str::to_owned), deleted };
        store.list(filter).collect::<Vec<_>>().await
    };
    let many = list(Some("many/"), DeletedSecrets::Exclude).await;
    let names: Vec<String> = many.into_iter().map(|found| found.unwrap().name.to_string()).collect();
    let wanted: Vec<String> =
        (0..205).filter(|number| *number != 7).map(|number| format!("many/{number:03}")).collect();
    assert_eq!(names, wanted);
    assert_eq!(list(Some("many/"), DeletedSecrets::Include).await.len(), 205);
    assert_eq!(list(None, DeletedSecrets::Only).await.len(), 1);
    let everything = list(None, DeletedSecrets::Include).await;
    assert_eq!(everything.len(), 207);
    let errors: Vec<String> =
        everything.into_iter().filter_map(Result::err).map(|error| error.to_string()).collect();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].contains("AWS has a secret `/leading` that cannot be managed here"), "{errors:?}");
}
