//! Pages of a query as the SDK has them, past its reading of JSON: a simulated world reads the same items a hundred times, and half of its
//! time would go into that. What the SDK makes of the JSON is the same: the list of `tests/table-conformance` is held against both.

use std::sync::Arc;

use aws_sdk_dynamodb::{
    config::{ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeDeserializationInterceptorContextMut},
    error::BoxError,
    operation::query::QueryOutput,
};
use aws_smithy_runtime_api::client::{
    interceptors::context::{Error, Output},
    orchestrator::{HttpResponse, OrchestratorError},
    ser_de::{DeserializeResponse, SharedResponseDeserializer},
};

use crate::page::Page;

/// Lies with an answer whose text is left out.
#[derive(Clone, Debug)]
pub(crate) struct HandedOver(pub(crate) Arc<Page>);

/// The interceptor to give to a client whose pages are [handed over](crate::InMemory::handing_over_pages).
#[derive(Clone, Copy, Debug)]
pub struct TakesPages;

impl Intercept for TakesPages {
    fn name(&self) -> &'static str {
        "TakesPages"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().extension::<HandedOver>().is_some() {
            config.interceptor_state().store_put(SharedResponseDeserializer::new(TakesPages));
        }
        Ok(())
    }
}

impl DeserializeResponse for TakesPages {
    fn deserialize_nonstreaming_with_config(&self, response: &HttpResponse, _: &ConfigBag) -> Result<Output, OrchestratorError<Error>> {
        let page = response.extension::<HandedOver>().and_then(|HandedOver(page)| page.output());
        let page: QueryOutput = page.ok_or_else(|| OrchestratorError::other("no page was handed over"))?;
        Ok(Output::erase(page))
    }
}
