//! List resources: validate, and list as a stream of found objects.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::convert;
use super::provider::either;
use super::registry::{Entry, Registry, Unknowns, find, incoming, outgoing, outgoing_identity, wire};
use super::run::{Interrupt, failure, run};
use crate::Diagnostics;
use crate::adapter::{DynListRequest, DynListed, DynResource};
use crate::generated::tfplugin6 as pb;
use crate::object::{Provider, ResourceWanted};

use pb::list_resource::Event;

/// What Terraform uses when a `list` block has no limit.
const DEFAULT_LIMIT: usize = 100;

pub(crate) async fn validate<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::validate_list_resource_config::Request,
) -> pb::validate_list_resource_config::Response {
    let this = Arc::clone(registry);
    let type_name = request.type_name.clone();
    let result = run(registry, "ValidateListResourceConfig", &type_name, Interrupt::Drops, async move {
        let entry = find(&this.list_resources, "list resource", &request.type_name)?;
        let config = incoming(request.config, &entry.kind, "the configuration")?;
        Ok(entry.object.validate(config, this.context(&request.type_name, None)).await)
    })
    .await;
    pb::validate_list_resource_config::Response { diagnostics: convert::diagnostics(either(result)) }
}

pub(crate) fn list<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::list_resource::Request,
) -> ReceiverStream<Result<Event, Status>> {
    let (events, stream) = mpsc::channel(16);
    let registry = Arc::clone(registry);
    tokio::spawn(async move {
        let (found, mut objects) = mpsc::channel::<Result<DynListed, Diagnostics>>(16);
        let managed = find(&registry.resources, "resource", &request.type_name);
        let sending = events.clone();
        let type_name = request.type_name.clone();
        let pass_on = async move {
            while let Some(object) = objects.recv().await {
                let event = match (&managed, object) {
                    (Ok(managed), Ok(listed)) => event(managed, listed, &type_name).unwrap_or_else(failed),
                    (Err(diagnostics), _) => failed(diagnostics.clone()),
                    (_, Err(diagnostics)) => failed(diagnostics),
                };
                if sending.send(Ok(event)).await.is_err() {
                    break;
                }
            }
        };
        let this = Arc::clone(&registry);
        let type_name = request.type_name.clone();
        let listing = run(&registry, "ListResource", &type_name, Interrupt::Drops, async move {
            let entry = find(&this.list_resources, "list resource", &request.type_name)?;
            let request = DynListRequest {
                config: incoming(request.config, &entry.kind, "the configuration")?,
                resource_wanted: if request.include_resource_object {
                    ResourceWanted::Yes
                } else {
                    ResourceWanted::No
                },
                limit: usize::try_from(request.limit)
                    .ok()
                    .filter(|limit| *limit > 0)
                    .unwrap_or(DEFAULT_LIMIT),
                context: this.context(&request.type_name, None),
            };
            entry.object.list(&this.client()?, request, found).await.map_err(failure)?;
            Ok(Diagnostics::new())
        });
        let (listed, ()) = futures::join!(listing, pass_on);
        let diagnostics = either(listed);
        if !diagnostics.is_empty() {
            let _ = events.send(Ok(failed(diagnostics))).await;
        }
    });
    ReceiverStream::new(stream)
}

fn failed(diagnostics: Diagnostics) -> Event {
    Event { diagnostic: convert::diagnostics(diagnostics), ..Default::default() }
}

fn event<C>(
    managed: &Entry<dyn DynResource<C>>,
    listed: DynListed,
    type_name: &str,
) -> Result<Event, Diagnostics> {
    let resource = |tree| {
        let fitted = outgoing(tree, &managed.schema, Unknowns::Refused, type_name)?;
        wire(&fitted, &managed.kind)
    };
    Ok(Event {
        identity: outgoing_identity(Some(listed.identity), managed.identity.as_ref(), type_name)?,
        display_name: listed.display_name,
        resource_object: listed.resource.map(resource).transpose()?,
        diagnostic: convert::diagnostics(listed.diagnostics),
    })
}
