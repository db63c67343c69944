//! Actions: validate, plan, and invoke as a stream that ends with `completed`.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::convert;
use super::provider::either;
use super::registry::{Registry, check_write_only, find, incoming};
use super::run::{Interrupt, run};
use crate::generated::tfplugin6 as pb;
use crate::object::{Progress, Provider};

use pb::invoke_action::Event;
use pb::invoke_action::event::{Completed, Progress as WireProgress, Type};

pub(crate) async fn validate<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::validate_action_config::Request,
) -> pb::validate_action_config::Response {
    let this = Arc::clone(registry);
    let type_name = request.type_name.clone();
    let result = run(registry, "ValidateActionConfig", &type_name, Interrupt::Drops, async move {
        let entry = find(&this.actions, "action", &request.type_name)?;
        let config = incoming(request.config, &entry.kind, "the configuration")?;
        Ok(entry.object.validate(config, this.context(&request.type_name, None)).await)
    })
    .await;
    pb::validate_action_config::Response { diagnostics: convert::diagnostics(either(result)) }
}

pub(crate) async fn plan<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::plan_action::Request,
) -> pb::plan_action::Response {
    let this = Arc::clone(registry);
    let type_name = request.action_type.clone();
    let result = run(registry, "PlanAction", &type_name, Interrupt::Drops, async move {
        let entry = find(&this.actions, "action", &request.action_type)?;
        let config = incoming(request.config, &entry.kind, "the configuration")?;
        let context = this.context(&request.action_type, request.client_capabilities);
        check_write_only(&config, entry.body(), &context).ok_or_errors(())?;
        entry.object.plan(&this.client()?, config, context).await
    })
    .await;
    pb::plan_action::Response { diagnostics: convert::diagnostics(either(result)), deferred: None }
}

pub(crate) fn invoke<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::invoke_action::Request,
) -> ReceiverStream<Result<Event, Status>> {
    let (events, stream) = mpsc::channel(16);
    let registry = Arc::clone(registry);
    tokio::spawn(async move {
        let (progress, mut messages) = Progress::channel();
        let reporting = events.clone();
        let report = async move {
            while let Some(message) = messages.recv().await {
                let event = Event { r#type: Some(Type::Progress(WireProgress { message })) };
                // A client that has gone away must not hold up the action.
                let _ = reporting.send(Ok(event)).await;
            }
        };
        let this = Arc::clone(&registry);
        let type_name = request.action_type.clone();
        let invoked = run(&registry, "InvokeAction", &type_name, Interrupt::Asks, async move {
            let entry = find(&this.actions, "action", &request.action_type)?;
            let config = incoming(request.config, &entry.kind, "the configuration")?;
            let context = this.context(&request.action_type, request.client_capabilities);
            entry.object.invoke(&this.client()?, config, progress, context).await
        });
        let (result, ()) = futures::join!(invoked, report);
        let completed = Completed { diagnostics: convert::diagnostics(either(result)) };
        let _ = events.send(Ok(Event { r#type: Some(Type::Completed(completed)) })).await;
    });
    ReceiverStream::new(stream)
}
