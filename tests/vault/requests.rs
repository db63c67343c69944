//! What the provider asks the server: few requests, and no second write.

use secretlint_tests::on_each_terraform;
use secretlint_tests::proxy::Proxy;

use crate::scene::Scene;

const MANY: &str = r#"
resource "secret" "many" {
  count    = 25
  name     = "many/${count.index}"
  owner    = "team"
  generate = { kind = "password", length = 32 }
}
"#;

on_each_terraform! {
    /// A plan without change asks at most twice for each secret, and reads no value.
    fn a_plan_without_change_asks_at_most_twice_for_each_secret(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let proxy = Proxy::to(scene.bao.address());
        scene.speak_to(terraform, proxy.address());
        scene.configure(terraform, MANY);
        terraform.apply().succeeds();
        proxy.forget();
        terraform.has_no_changes();
        let about_secrets = proxy.count(&format!("/v1/{}/", scene.mount));
        assert!((25..=50).contains(&about_secrets), "{about_secrets} requests for 25 secrets: {:?}", proxy.requests());
        assert_eq!(proxy.count(&format!("/v1/{}/data/", scene.mount)), 0, "a plan reads no value");
        let others = proxy.requests().len() - about_secrets;
        assert!(others <= 12, "{others} requests that no secret needs: {:?}", proxy.requests());
    }

    /// What a process borrowed from the server, it gives back: no token of the provider is left.
    fn the_providers_own_tokens_are_revoked(terraform) {
        let Some(scene) = Scene::new(terraform) else { return };
        let accessors = || scene.bao.request("LIST", "auth/token/accessors", None).json["data"]["keys"].as_array().map_or(0, Vec::len);
        let proxy = Proxy::to(scene.bao.address());
        scene.speak_to(terraform, proxy.address());
        scene.configure(terraform, MANY);
        terraform.apply().succeeds();
        let made = proxy.count("/v1/auth/token/create");
        assert!(made >= 1, "the provider works with a token of its own: {:?}", proxy.requests());
        assert_eq!(proxy.count("/v1/auth/token/revoke-self"), made);
        assert!(accessors() >= 1);
    }
}
