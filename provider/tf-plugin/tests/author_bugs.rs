//! What happens when the author of a provider errs: a message that names the object and the attribute, never a riddle of
//! Terraform's, never an orphan, never a dead process. The model is `Dynamic`, so that every error can be made at run time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may fail the test, and one provider panics"
)]

use serde_json::{Value as Json, json};
use tf_plugin::testing::{Stored, TestClient, check_models, check_schemas};
use tf_plugin::{
    Applied, Attribute, Block, ConfigureRequest, CreateRequest, DeleteRequest, Diagnostic, Diagnostics,
    Dynamic, MoveRequest, Moved, NestedBlock, NoIdentity, Objects, PlanRequest, Planned, Provider,
    ReadRequest, Refreshed, Resource, Schema, Type, UpdateRequest, Value, async_trait,
};

struct Broken;

#[async_trait]
impl Provider for Broken {
    type Config = Dynamic;
    type Client = ();

    fn schema(&self) -> Schema {
        Schema::new()
    }

    fn objects(&self) -> Objects<()> {
        Objects::new().resource("broken", BrokenResource)
    }

    async fn configure(&self, _: ConfigureRequest<Dynamic>) -> Result<(), Diagnostics> {
        Ok(())
    }
}

/// Errs in the way that its `how` asks for.
struct BrokenResource;

impl BrokenResource {
    fn set(mut object: Dynamic, name: &str, value: Dynamic) -> Dynamic {
        if let Some(place) = object.get_mut(name) {
            *place = value;
        }
        object
    }
}

#[async_trait]
impl Resource for BrokenResource {
    type Client = ();
    type Model = Dynamic;
    type Identity = NoIdentity;
    type Private = Option<u32>;

    fn schema(&self) -> Schema {
        Schema::new()
            .attribute(Attribute::string("how").required())
            .attribute(Attribute::string("id").computed())
            .attribute(Attribute::string("secret_wo").optional().write_only())
            .block(NestedBlock::list(
                "rule",
                Block::new().attribute(Attribute::string("secret_wo").optional().write_only()),
            ))
    }

    async fn read(&self, _: &(), request: ReadRequest<Self>) -> Result<Refreshed<Self>, Diagnostics> {
        Ok(Refreshed::new(Self::set(request.state, "id", Dynamic::Unknown)))
    }

    async fn plan(&self, _: &(), request: PlanRequest<Self>) -> Result<Planned<Self>, Diagnostics> {
        let planned = request.proposed;
        let how = planned.get("how").and_then(Dynamic::as_str).unwrap_or_default().to_owned();
        Ok(Planned::new(match how.as_str() {
            "plan something else" => Self::set(planned, "how", "SENTINEL".into()),
            "plan another shape" => Self::set(planned, "id", Dynamic::Bool(true)),
            // A careless author copies the whole configuration.
            "leak" => {
                let planned =
                    Self::set(planned, "secret_wo", request.config.get("secret_wo").cloned().unwrap());
                Self::set(planned, "rule", request.config.get("rule").cloned().unwrap())
            }
            _ => planned,
        })
        .private(Some(7)))
    }

    async fn create(&self, _: &(), request: CreateRequest<Self>) -> Result<Applied<Self>, Diagnostics> {
        let how = request.config.get("how").and_then(Dynamic::as_str).unwrap_or_default().to_owned();
        let made = Self::set(request.planned, "id", "made".into());
        if how.starts_with("after a checkpoint") {
            request.checkpoint.save(&made)?;
        }
        match how.as_str() {
            "fail" | "after a checkpoint fail" => Err(Diagnostic::error("it failed").into()),
            "fail silently" => Err(Diagnostics::new()),
            "panic" | "after a checkpoint panic" => panic!("SENTINEL"),
            "leave unknown" => Ok(Applied::new(Self::set(made, "id", Dynamic::Unknown))),
            "apply something else" => Ok(Applied::new(Self::set(made, "how", "SENTINEL".into()))),
            "apply another shape" => Ok(Applied::new(Dynamic::from("SENTINEL"))),
            "half" => Ok(Applied::new(made).with(Diagnostic::error("only half of it was made"))),
            "leak" => {
                let made = Self::set(made, "secret_wo", "SENTINEL".into());
                Ok(Applied::new(Self::set(made, "rule", request.config.get("rule").cloned().unwrap())))
            }
            _ => Ok(Applied::new(made)),
        }
    }

    async fn move_state(&self, request: MoveRequest) -> Result<Option<Moved<Self>>, Diagnostics> {
        if request.source_type_name != "aws_secret" {
            return Ok(None);
        }
        let source: Json = request.source_state.json()?;
        Ok(Some(Moved::new(Dynamic::object([
            ("how", Dynamic::from(source["name"].as_str().unwrap_or_default())),
            ("id", Dynamic::Null),
            ("secret_wo", Dynamic::from(source["secret_string"].as_str().unwrap_or_default())),
            ("rule", Dynamic::Null),
        ]))))
    }

    async fn update(&self, _: &(), _: UpdateRequest<Self>) -> Result<Applied<Self>, Diagnostics> {
        Err(Diagnostic::error("it cannot be changed").into())
    }

    async fn delete(&self, _: &(), _: DeleteRequest<Self>) -> Result<Diagnostics, Diagnostics> {
        Err(Diagnostic::error("it cannot be deleted").into())
    }
}

async fn client() -> TestClient<Broken> {
    let client = TestClient::new(Broken);
    let _ = client.configure(json!({})).await.unwrap();
    client
}

fn config(how: &str) -> Json {
    json!({ "how": how, "secret_wo": "SENTINEL", "rule": [{ "secret_wo": "SENTINEL" }] })
}

/// Creates, and returns the stored state and the text of the diagnostics.
async fn create(how: &str) -> (Stored, String) {
    let client = client().await;
    let change = client.plan("broken", &Stored::default(), Some(&config(how))).await.unwrap();
    let (stored, diagnostics) = client.apply(change).await;
    let text = diagnostics.to_string();
    assert!(!text.contains("SENTINEL"), "{text}");
    (stored, text)
}

fn id(stored: &Stored) -> Option<&str> {
    stored.state.get("id").and_then(Dynamic::as_str)
}

#[tokio::test]
async fn a_plan_that_breaks_the_rules_names_the_attribute() {
    let client = client().await;
    for (how, expected) in [
        (
            "plan something else",
            "`broken` planned a value that is neither the configured one nor the provider's to decide: `how`",
        ),
        ("plan another shape", "`broken`: `id` does not fit the schema"),
    ] {
        let diagnostics = client.plan("broken", &Stored::default(), Some(&config(how))).await.unwrap_err();
        let text = diagnostics.to_string();
        assert!(text.contains(expected) && text.contains("bug in the provider"), "{text}");
        assert!(!text.contains("SENTINEL"), "{text}");
    }
}

#[tokio::test]
async fn no_author_can_leak_a_write_only_value() {
    let client = client().await;
    let change = client.plan("broken", &Stored::default(), Some(&config("leak"))).await.unwrap();
    let secret_in_rule = |state: &Dynamic| {
        state.get("rule").and_then(|rules| rules.as_elements()?.first()?.get("secret_wo").cloned())
    };
    assert_eq!(change.planned.get("secret_wo"), Some(&Dynamic::Null));
    assert_eq!(secret_in_rule(&change.planned), Some(Dynamic::Null));
    let (stored, diagnostics) = client.apply(change).await;
    assert!(diagnostics.is_empty(), "{diagnostics}");
    assert_eq!(stored.state.get("secret_wo"), Some(&Dynamic::Null));
    assert_eq!(secret_in_rule(&stored.state), Some(Dynamic::Null));
}

#[tokio::test]
async fn a_failure_before_anything_was_made_records_nothing() {
    for how in ["fail", "fail silently", "panic"] {
        let (stored, text) = create(how).await;
        assert!(stored.state.is_null(), "{how}");
        assert!(text.starts_with("error: "), "{how}: {text}");
    }
    assert!(
        create("panic").await.1.contains("the provider crashed in ApplyResourceChange(create) of `broken`")
    );
}

#[tokio::test]
async fn a_failure_after_a_checkpoint_records_what_exists() {
    for how in ["after a checkpoint fail", "after a checkpoint panic", "half"] {
        let (stored, text) = create(how).await;
        assert_eq!(id(&stored), Some("made"), "{how}");
        assert!(text.starts_with("error: "), "{how}: {text}");
    }
}

#[tokio::test]
async fn a_result_that_breaks_the_rules_is_an_error_and_no_orphan() {
    for (how, expected) in [
        ("leave unknown", "`broken` left values unknown that must be known after apply: `id`"),
        ("apply something else", "`broken` planned one value and applied another: `how`"),
        ("apply another shape", "does not fit the schema"),
    ] {
        let (stored, text) = create(how).await;
        assert!(text.contains(expected), "{text}");
        assert!(!stored.state.is_null() && stored.state.is_wholly_known(), "{how}");
    }
}

#[tokio::test]
async fn a_failed_update_or_delete_keeps_the_prior_state() {
    let client = client().await;
    let (stored, _) = create("well").await;
    assert_eq!(stored.private, b"7");
    let update = client.plan("broken", &stored, Some(&config("changed"))).await.unwrap();
    let (after, diagnostics) = client.apply(update).await;
    assert!(diagnostics.has_errors() && after.state == stored.state);
    let deletion = client.plan("broken", &stored, None).await.unwrap();
    let (after, diagnostics) = client.apply(deletion).await;
    assert!(diagnostics.has_errors() && after.state == stored.state);
}

#[tokio::test]
async fn an_unknown_in_a_read_is_refused() {
    let client = client().await;
    let (stored, _) = create("well").await;
    let text = client.read("broken", &stored).await.unwrap_err().to_string();
    assert!(text.contains("left values unknown that must be known by now: `id`"), "{text}");
}

#[tokio::test]
async fn an_unconfigured_provider_says_so() {
    let client = TestClient::new(Broken);
    let error = client.plan("broken", &Stored::default(), Some(&config("well"))).await.unwrap_err();
    assert!(error.to_string().contains("the provider is not configured"));
}

#[tokio::test]
async fn a_move_brings_over_what_the_target_can_take_and_refuses_the_rest() {
    let client = TestClient::new(Broken);
    let source = json!({ "name": "n", "secret_string": "SENTINEL" });
    let moved = client
        .move_from("registry.terraform.io/hashicorp/aws", "aws_secret", &source, "broken")
        .await
        .unwrap();
    assert_eq!(moved.state.get("how").and_then(Dynamic::as_str), Some("n"));
    assert_eq!(moved.state.get("secret_wo"), Some(&Dynamic::Null), "moved or not, write-only is null");
    let refused =
        client.move_from("registry.terraform.io/x/y", "y_thing", &source, "broken").await.unwrap_err();
    assert!(refused.to_string().contains("a `y_thing` cannot be moved to a `broken`"), "{refused}");
}

/// A provider whose schemas and models disagree in every way.
struct Unsound;

#[derive(serde::Serialize, serde::Deserialize)]
struct UnsoundModel {
    name: String,
    count: Value<String>,
    size: Value<String>,
    rule: Vec<UnsoundRule>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct UnsoundRule {
    port: Value<i64>,
}

#[async_trait]
impl Provider for Unsound {
    type Config = Dynamic;
    type Client = ();

    fn schema(&self) -> Schema {
        Schema::new().attribute(Attribute::string("alias").optional())
    }

    fn objects(&self) -> Objects<()> {
        Objects::new().resource("unsound", UnsoundResource)
    }

    async fn configure(&self, _: ConfigureRequest<Dynamic>) -> Result<(), Diagnostics> {
        Ok(())
    }
}

struct UnsoundResource;

#[async_trait]
impl Resource for UnsoundResource {
    type Client = ();
    type Model = UnsoundModel;
    type Identity = NoIdentity;
    type Private = ();

    fn schema(&self) -> Schema {
        let secret = Attribute::string("secret").optional().write_only();
        Schema::new()
            .attribute(Attribute::string("name").required())
            .attribute(Attribute::string("count").optional())
            .attribute(Attribute::number("size").optional())
            .attribute(Attribute::string("Bad-Name").computed().write_only())
            .attribute(Attribute::nested_set("things", vec![secret]).optional())
            .attribute(Attribute::list("any", Type::Dynamic).optional())
            .block(
                NestedBlock::list("rule", Block::new().attribute(Attribute::number("port").required()))
                    .max_items(-1),
            )
    }

    async fn read(&self, _: &(), request: ReadRequest<Self>) -> Result<Refreshed<Self>, Diagnostics> {
        Ok(Refreshed::new(request.state))
    }

    async fn create(&self, _: &(), request: CreateRequest<Self>) -> Result<Applied<Self>, Diagnostics> {
        Ok(Applied::new(request.planned))
    }

    async fn update(&self, _: &(), request: UpdateRequest<Self>) -> Result<Applied<Self>, Diagnostics> {
        Ok(Applied::new(request.planned))
    }

    async fn delete(&self, _: &(), _: DeleteRequest<Self>) -> Result<Diagnostics, Diagnostics> {
        Ok(Diagnostics::new())
    }
}

#[test]
fn what_terraform_would_refuse_in_a_schema_is_found() {
    let problems = check_schemas(Unsound);
    for expected in [
        "provider: `alias` is a word of Terraform's own there",
        "resource `unsound`: `count` is a word of Terraform's own there",
        "resource `unsound`: `Bad-Name` is not a name; use lower case letters, digits and underscores, and start with a letter",
        "resource `unsound`: `Bad-Name` is write-only and computed, which excludes each other",
        "resource `unsound`: `things.secret` is write-only inside a set",
        "resource `unsound`: `any` is a collection of dynamic elements; make the whole dynamic",
        "resource `unsound`: the limits of block `rule` do not fit its nesting",
    ] {
        assert!(problems.iter().any(|problem| problem == expected), "{expected}\n{problems:#?}");
    }
    assert_eq!(problems.len(), 7, "{problems:#?}");
}

#[test]
fn where_schema_and_model_disagree_is_found() {
    let problems = check_models(Unsound);
    for missing in ["Bad-Name", "things", "any"] {
        let expected =
            format!("resource `unsound`: `{missing}`: the schema has this attribute, the model does not");
        assert!(problems.contains(&expected), "{problems:#?}");
    }
}

/// The same with a model that has all attributes, but not with the right types.
struct Mistyped;

#[derive(serde::Serialize, serde::Deserialize)]
struct MistypedModel {
    name: String,
    size: Value<String>,
    rule: Vec<UnsoundRule>,
}

#[async_trait]
impl Provider for Mistyped {
    type Config = Dynamic;
    type Client = ();

    fn schema(&self) -> Schema {
        Schema::new()
    }

    fn objects(&self) -> Objects<()> {
        Objects::new().data_source("mistyped", MistypedData)
    }

    async fn configure(&self, _: ConfigureRequest<Dynamic>) -> Result<(), Diagnostics> {
        Ok(())
    }
}

struct MistypedData;

#[async_trait]
impl tf_plugin::DataSource for MistypedData {
    type Client = ();
    type Model = MistypedModel;

    fn schema(&self) -> Schema {
        Schema::new()
            .attribute(Attribute::string("name").required())
            .attribute(Attribute::number("size").optional())
            .block(NestedBlock::list("rule", Block::new().attribute(Attribute::number("port").required())))
    }

    async fn read(
        &self,
        _: &(),
        request: tf_plugin::ReadDataRequest<Self>,
    ) -> Result<(MistypedModel, Diagnostics), Diagnostics> {
        Ok((request.config, Diagnostics::new()))
    }
}

#[test]
fn wrong_types_and_fields_that_cannot_be_unknown_are_found() {
    let problems = check_models(Mistyped);
    assert_eq!(
        problems,
        [
            "data source `mistyped`: `name`: the value is not known yet, and it must be known here; use `Value<T>` (with `name` unknown)",
            "data source `mistyped`: `size`: a number was found, a string was expected (with `size` set)",
            "data source `mistyped`: `rule`: the value is not known yet, and it must be known here; use `Value<T>` (with block `rule` unknown)",
        ]
    );
}
