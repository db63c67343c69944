//! The adapters of data sources, ephemeral resources, functions, actions and list resources.

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::{
    DynAction, DynDataSource, DynEphemeral, DynFunction, DynList, DynListRequest, DynListed, DynOpened,
    Probe, encode_private_optional, probe_of, read, read_private, write, write_optional,
};
use crate::model::{self, ModelErrorKind};
use crate::object::{
    Action, CloseRequest, Context, DataSource, EphemeralResource, Function, FunctionError, InvokeRequest,
    ListRequest, ListResource, ListSink, Listed, OpenRequest, Progress, ReadDataRequest, RenewRequest,
    Resource, Signature,
};
use crate::path::PathStep;
use crate::{Diagnostics, Dynamic, Schema};

pub(crate) struct DataSourceAdapter<D> {
    source: D,
}

impl<D: DataSource> DataSourceAdapter<D> {
    pub(crate) fn new(source: D) -> Self {
        Self { source }
    }
}

#[async_trait]
impl<D: DataSource> DynDataSource<D::Client> for DataSourceAdapter<D> {
    fn schema(&self) -> Schema {
        self.source.schema()
    }

    async fn validate(&self, config: Dynamic, context: Context) -> Diagnostics {
        match read(config) {
            Ok(config) => self.source.validate(config, context).await,
            Err(diagnostics) => diagnostics,
        }
    }

    async fn read(
        &self,
        client: &D::Client,
        config: Dynamic,
        context: Context,
    ) -> Result<(Dynamic, Diagnostics), Diagnostics> {
        let request = ReadDataRequest { config: read(config)?, context };
        let (state, diagnostics) = self.source.read(client, request).await?;
        Ok((write(&state)?, diagnostics))
    }

    fn probe(&self) -> Probe {
        probe_of::<D::Model>()
    }
}

pub(crate) struct EphemeralAdapter<E> {
    ephemeral: E,
}

impl<E: EphemeralResource> EphemeralAdapter<E> {
    pub(crate) fn new(ephemeral: E) -> Self {
        Self { ephemeral }
    }
}

#[async_trait]
impl<E: EphemeralResource> DynEphemeral<E::Client> for EphemeralAdapter<E> {
    fn schema(&self) -> Schema {
        self.ephemeral.schema()
    }

    async fn validate(&self, config: Dynamic, context: Context) -> Diagnostics {
        match read(config) {
            Ok(config) => self.ephemeral.validate(config, context).await,
            Err(diagnostics) => diagnostics,
        }
    }

    async fn open(
        &self,
        client: &E::Client,
        config: Dynamic,
        context: Context,
    ) -> Result<DynOpened, Diagnostics> {
        let request = OpenRequest { config: read(config)?, context };
        let opened = self.ephemeral.open(client, request).await?;
        Ok(DynOpened {
            result: write(&opened.result)?,
            private: encode_private_optional(opened.private.as_ref())?,
            renew_at: opened.renew_at,
            diagnostics: opened.diagnostics,
        })
    }

    async fn renew(
        &self,
        client: &E::Client,
        private: Vec<u8>,
        context: Context,
    ) -> Result<DynOpened, Diagnostics> {
        let request = RenewRequest { private: read_private(&private)?, context };
        let renewed = self.ephemeral.renew(client, request).await?;
        Ok(DynOpened {
            result: Dynamic::Null,
            private: encode_private_optional(renewed.private.as_ref())?,
            renew_at: renewed.renew_at,
            diagnostics: renewed.diagnostics,
        })
    }

    async fn close(
        &self,
        client: &E::Client,
        private: Vec<u8>,
        context: Context,
    ) -> Result<Diagnostics, Diagnostics> {
        let request = CloseRequest { private: read_private(&private)?, context };
        self.ephemeral.close(client, request).await
    }

    fn probe(&self) -> Probe {
        probe_of::<E::Model>()
    }
}

pub(crate) struct FunctionAdapter<F> {
    function: F,
}

impl<F: Function> FunctionAdapter<F> {
    pub(crate) fn new(function: F) -> Self {
        Self { function }
    }
}

#[async_trait]
impl<F: Function> DynFunction for FunctionAdapter<F> {
    fn signature(&self) -> Signature {
        self.function.signature()
    }

    async fn call(&self, mut arguments: Vec<Dynamic>) -> Result<Dynamic, FunctionError> {
        let signature = self.function.signature();
        if signature.variadic.is_some() && arguments.len() >= signature.parameters.len() {
            // All further arguments become one list, the last field of the arguments.
            let rest = arguments.split_off(signature.parameters.len());
            arguments.push(Dynamic::List(rest));
        }
        let read = model::from_dynamic::<F::Arguments>(Dynamic::Tuple(arguments)).map_err(|error| {
            let text = match error.kind {
                ModelErrorKind::Content | ModelErrorKind::Null | ModelErrorKind::Unknown => {
                    error.message().to_owned()
                }
                _ => format!(
                    "{}. This is a bug in the provider; please report it to its authors.",
                    error.message()
                ),
            };
            let argument = match error.path().steps().first() {
                Some(PathStep::Index(index)) => usize::try_from(*index).ok(),
                _ => None,
            };
            FunctionError { text, argument }
        })?;
        let output = self.function.call(read).await?;
        model::to_dynamic(&output).map_err(|error| FunctionError::new(error.to_string()))
    }
}

pub(crate) struct ActionAdapter<A> {
    action: A,
}

impl<A: Action> ActionAdapter<A> {
    pub(crate) fn new(action: A) -> Self {
        Self { action }
    }
}

#[async_trait]
impl<A: Action> DynAction<A::Client> for ActionAdapter<A> {
    fn schema(&self) -> Schema {
        self.action.schema()
    }

    async fn validate(&self, config: Dynamic, context: Context) -> Diagnostics {
        match read(config) {
            Ok(config) => self.action.validate(config, context).await,
            Err(diagnostics) => diagnostics,
        }
    }

    async fn plan(
        &self,
        client: &A::Client,
        config: Dynamic,
        context: Context,
    ) -> Result<Diagnostics, Diagnostics> {
        self.action.plan(client, read(config)?, context).await
    }

    async fn invoke(
        &self,
        client: &A::Client,
        config: Dynamic,
        progress: Progress,
        context: Context,
    ) -> Result<Diagnostics, Diagnostics> {
        self.action.invoke(client, InvokeRequest { config: read(config)?, progress, context }).await
    }

    fn probe(&self) -> Probe {
        probe_of::<A::Config>()
    }
}

pub(crate) struct ListAdapter<L> {
    list: L,
}

impl<L: ListResource> ListAdapter<L> {
    pub(crate) fn new(list: L) -> Self {
        Self { list }
    }
}

fn listed_to_tree<R: Resource>(listed: Listed<R>) -> Result<DynListed, Diagnostics> {
    Ok(DynListed {
        identity: write(&listed.identity)?,
        display_name: listed.display_name,
        resource: write_optional(listed.resource.as_ref())?,
        diagnostics: listed.diagnostics.into(),
    })
}

#[async_trait]
impl<L: ListResource> DynList<L::Client> for ListAdapter<L> {
    fn schema(&self) -> Schema {
        self.list.schema()
    }

    async fn validate(&self, config: Dynamic, context: Context) -> Diagnostics {
        match read(config) {
            Ok(config) => self.list.validate(config, context).await,
            Err(diagnostics) => diagnostics,
        }
    }

    async fn list(
        &self,
        client: &L::Client,
        request: DynListRequest,
        out: mpsc::Sender<Result<DynListed, Diagnostics>>,
    ) -> Result<(), Diagnostics> {
        let (sink, mut found) = ListSink::<L::Resource>::channel(request.limit);
        let request = ListRequest {
            config: read(request.config)?,
            resource_wanted: request.resource_wanted,
            limit: request.limit,
            context: request.context,
        };
        // The author's code sends typed objects into one channel while this passes them on as trees to the other.
        let pass_on = async move {
            while let Some(listed) = found.recv().await {
                if out.send(listed_to_tree(listed)).await.is_err() {
                    break;
                }
            }
        };
        let (listed, ()) = futures::join!(self.list.list(client, request, sink), pass_on);
        listed
    }

    fn probe(&self) -> Probe {
        probe_of::<L::Config>()
    }
}
