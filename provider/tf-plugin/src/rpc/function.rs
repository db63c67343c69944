//! Functions. They have an error of their own instead of diagnostics.

use std::sync::Arc;

use super::registry::{Registry, incoming, wire};
use super::run::{Interrupt, run};
use crate::Diagnostics;
use crate::generated::tfplugin6 as pb;
use crate::object::{FunctionError, Provider};
use crate::shape;

pub(crate) async fn call<P: Provider>(
    registry: &Arc<Registry<P>>,
    request: pb::call_function::Request,
) -> pb::call_function::Response {
    let this = Arc::clone(registry);
    let name = request.name.clone();
    let result =
        run(
            registry,
            "CallFunction",
            &name,
            Interrupt::Drops,
            async move { Ok(evaluate(&this, request).await) },
        )
        .await;
    let error = match result {
        Ok(Ok(result)) => return pb::call_function::Response { result: Some(result), error: None },
        Ok(Err(error)) => error,
        Err(diagnostics) => as_error(&diagnostics),
    };
    let function_argument = error.argument.and_then(|argument| i64::try_from(argument).ok());
    pb::call_function::Response {
        result: None,
        error: Some(pb::FunctionError { text: error.text, function_argument }),
    }
}

fn as_error(diagnostics: &Diagnostics) -> FunctionError {
    FunctionError::new(diagnostics.to_string())
}

async fn evaluate<P: Provider>(
    registry: &Registry<P>,
    request: pb::call_function::Request,
) -> Result<pb::DynamicValue, FunctionError> {
    let Some((function, signature)) = registry.functions.get(&request.name) else {
        return Err(FunctionError::new(format!("this provider has no function `{}`", request.name)));
    };
    let mut arguments = Vec::with_capacity(request.arguments.len());
    for (position, argument) in request.arguments.into_iter().enumerate() {
        let Some(parameter) = signature.parameters.get(position).or(signature.variadic.as_ref()) else {
            return Err(FunctionError::at(position, "too many arguments"));
        };
        let decoded = incoming(Some(argument), &parameter.kind, "an argument")
            .map_err(|diagnostics| FunctionError::at(position, diagnostics.to_string()))?;
        arguments.push(decoded);
    }
    let output = function.call(arguments).await?;
    let fitted = shape::fit_type(output, &signature.result).map_err(|misfits| {
        let all: Vec<String> =
            misfits.iter().map(|misfit| format!("{}: {}", misfit.path, misfit.message)).collect();
        FunctionError::new(format!(
            "the result does not fit the declared type ({}). This is a bug in the provider",
            all.join("; ")
        ))
    })?;
    wire(&fitted, &signature.result).map_err(|diagnostics| as_error(&diagnostics))
}
