//! What every endpoint does before its handler: who asks, by which method, for what. In this order, so that a stranger learns
//! nothing about methods and parameters.

use std::sync::Arc;

use axum::{
    extract::{Request, State as Extracted},
    response::IntoResponse,
    routing::{MethodRouter, any},
};
use fobless::{
    domain::{ids::WorkspaceId, time::Timestamp},
    store::Store,
    webhook_delivery::WebhookTargets,
};
use http::Method;

use crate::{
    State, authentication::authenticate, envelope::Answer, fields::Fields, findings::Findings, input::Input, key_cache::KeyCache,
    problem::Problem,
};

/// What all requests share.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) state: State,
    pub(crate) keys: Arc<KeyCache>,
}

/// Which methods an endpoint takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accepts {
    /// A read: GET with a query, or POST with a body.
    Read,
    /// Something new: POST.
    Create,
    /// A change: PATCH or POST with a body.
    Update,
    /// A change that says all of it: PUT or POST with a body.
    Put,
    /// A removal: DELETE with a query, or POST with a body.
    Delete,
}

impl Accepts {
    /// The methods, as the header `allow` lists them.
    const fn methods(self) -> &'static str {
        match self {
            Self::Read => "GET,POST",
            Self::Create => "POST",
            Self::Update => "PATCH,POST",
            Self::Put => "PUT,POST",
            Self::Delete => "DELETE,POST",
        }
    }

    fn check(self, method: &Method) -> Result<(), Problem> {
        let is_accepted = self.methods().split(',').any(|accepted| accepted == method.as_str());
        is_accepted
            .then_some(())
            .ok_or(Problem::MethodNotAllowed { accepted: self.methods() })
    }
}

/// One authenticated request, as handlers see it.
#[derive(Debug)]
pub(crate) struct Call {
    /// The table.
    pub(crate) store: Store,
    /// When the request came.
    pub(crate) now: Timestamp,
    /// The tenant that the key opens. Nothing outside it exists for this request.
    pub(crate) workspace_id: WorkspaceId,
    /// Where webhooks may be sent.
    pub(crate) webhook_targets: WebhookTargets,
    input: Input,
}

impl Call {
    /// Reads the parameters. `read` looks at every field before it answers, so that all that is wrong is told at once; it
    /// answers `None` only where it told something.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Fields<'_>) -> Option<T>) -> Result<T, Problem> {
        let findings = Findings::default();
        let wanted = read(&Fields::new(self.input.parameters(), &findings));
        findings.into_result()?;
        wanted.ok_or_else(|| Problem::invalid("Invalid input"))
    }
}

/// An endpoint for authenticated requests.
pub(crate) fn endpoint<H, F>(accepts: Accepts, handler: H) -> MethodRouter<Server>
where
    H: Fn(Call) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Answer, Problem>> + Send + 'static,
{
    any(move |Extracted(server): Extracted<Server>, request: Request| async move {
        let answer = match admit(server, accepts, request).await {
            Ok(call) => handler(call).await,
            Err(refusal) => Err(refusal),
        };
        answer.into_response()
    })
}

async fn admit(server: Server, accepts: Accepts, request: Request) -> Result<Call, Problem> {
    let now = server.state.clock.now();
    let workspace_id = authenticate(&server, request.headers(), now).await?;
    accepts.check(request.method())?;
    let input = Input::of(request).await?;
    Ok(Call {
        store: server.state.store,
        now,
        workspace_id,
        webhook_targets: server.state.webhook_targets,
        input,
    })
}
