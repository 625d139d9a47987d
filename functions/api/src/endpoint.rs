//! What every endpoint does before its handler: who asks, by which method, for what. In this order, so that a stranger learns
//! nothing about methods and parameters.

use std::sync::Arc;

use axum::{
    extract::{Request, State as Extracted},
    response::IntoResponse,
    routing::{MethodRouter, any},
};
use fobless::{
    clock::Clock,
    domain::{ids::WorkspaceId, time::Timestamp},
    store::Store,
    webhook_delivery::WebhookTargets,
};
use futures_util::future::{BoxFuture, ready};
use http::Method;

use crate::{
    State,
    authentication::{Access, Caller, authenticate},
    envelope::Answer,
    fields::Fields,
    findings::Findings,
    input::Input,
    key_cache::KeyCache,
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
    /// Something that is to be so, whether it was before or not: PUT or POST with a body.
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

/// A request that was let in, as a handler takes it. By this type a handler says who may call it.
pub(crate) trait Admitted: Sized + Send + 'static {
    /// Who may call.
    const ACCESS: Access;

    /// The request of `caller`, if it is one of those.
    fn admit(call: Call, caller: Caller) -> Result<Self, Problem>;
}

/// A request with an API key, about anything in the workspace that the key opens.
#[derive(Debug)]
pub(crate) struct Call {
    /// The table.
    pub(crate) store: Store,
    /// The time, for those who wait.
    pub(crate) clock: Clock,
    /// When the request came.
    pub(crate) now: Timestamp,
    /// The tenant that the key opens. Nothing outside it exists for this request.
    pub(crate) workspace_id: WorkspaceId,
    /// By which of the methods that the endpoint takes.
    pub(crate) method: Method,
    /// Where webhooks may be sent.
    pub(crate) webhook_targets: WebhookTargets,
    input: Input,
    /// Where to tell what the handler asks for, when it is run for that only.
    #[cfg(test)]
    described: Option<crate::openapi::Description>,
}

impl Admitted for Call {
    const ACCESS: Access = Access::Key;

    fn admit(call: Call, caller: Caller) -> Result<Self, Problem> {
        match caller {
            Caller::Key(_) => Ok(call),
            Caller::Session(_) => Err(Problem::session_instead_of_key()),
        }
    }
}

impl Call {
    /// Reads the parameters. `read` looks at every field before it answers, so that all that is wrong is told at once; it
    /// answers `None` only where it told something.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Fields<'_>) -> Option<T>) -> Result<T, Problem> {
        let findings = Findings::default();
        let wanted = read(&Fields::new(self.input.parameters(), &findings));
        #[cfg(test)]
        if let Some(description) = &self.described {
            return Err(description.end_of_reading(findings));
        }
        findings.into_result()?;
        wanted.ok_or_else(|| Problem::invalid("Invalid input"))
    }

    /// What a handler that takes no parameters does in place of reading them.
    pub(crate) fn read_nothing(&self) -> Result<(), Problem> {
        self.read(|_| Some(()))
    }
}

/// An endpoint for authenticated requests.
#[derive(Clone)]
pub(crate) struct Endpoint {
    /// Its public path.
    pub(crate) path: &'static str,
    accepts: Accepts,
    access: Access,
    handler: Handler,
}

type Handler = Arc<dyn Fn(Call, Caller) -> BoxFuture<'static, Result<Answer, Problem>> + Send + Sync>;

/// An endpoint for requests of those whom the handler takes. It reads the parameters before it does anything else.
pub(crate) fn endpoint<C, H, F>(path: &'static str, accepts: Accepts, handler: H) -> Endpoint
where
    C: Admitted,
    H: Fn(C) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Answer, Problem>> + Send + 'static,
{
    Endpoint {
        path,
        accepts,
        access: C::ACCESS,
        handler: Arc::new(move |call, caller| match C::admit(call, caller) {
            Ok(call) => Box::pin(handler(call)),
            Err(refusal) => Box::pin(ready(Err(refusal))),
        }),
    }
}

impl Endpoint {
    /// What serves its path.
    pub(crate) fn serve(self) -> MethodRouter<Server> {
        any(
            move |Extracted(server): Extracted<Server>, request: Request| async move { answer(&self, server, request).await.into_response() },
        )
    }
}

async fn answer(endpoint: &Endpoint, server: Server, request: Request) -> Result<Answer, Problem> {
    let now = server.state.clock.now();
    let caller = authenticate(&server, request.headers(), endpoint.access, now).await?;
    let method = request.method().clone();
    endpoint.accepts.check(&method)?;
    let input = Input::of(request).await?;
    let call = Call {
        store: server.state.store,
        clock: server.state.clock,
        now,
        workspace_id: caller.workspace_id(),
        method,
        webhook_targets: server.state.webhook_targets,
        input,
        #[cfg(test)]
        described: None,
    };
    (endpoint.handler)(call, caller).await
}

#[cfg(test)]
impl Endpoint {
    /// Which methods it takes.
    pub(crate) fn methods(&self) -> impl Iterator<Item = Method> {
        self.accepts.methods().split(',').map(|name| name.parse().unwrap())
    }

    /// Who may ask.
    pub(crate) const fn access(&self) -> Access {
        self.access
    }

    /// What its handler asks for when it is given these parameters. The handler ends before it does anything.
    pub(crate) async fn ask(&self, given: serde_json::Value) -> crate::openapi::Asked {
        let nowhere = fobless::aws::AwsAddress {
            region: "us-east-1".to_owned(),
            endpoint: None,
            access_key_id: String::new(),
            secret_access_key: fobless::domain::secret::Secret::new(""),
            session_token: None,
        };
        let description = crate::openapi::Description::default();
        let call = Call {
            store: Store::new(fobless::store::connect(&nowhere).unwrap(), "none"),
            clock: Clock::of(|| Timestamp::from_millis(0)),
            now: Timestamp::from_millis(0),
            workspace_id: WorkspaceId::generate(),
            method: Method::POST,
            webhook_targets: WebhookTargets::default(),
            input: Input::of_json(given),
            described: Some(description.clone()),
        };
        let caller = Caller::somebody(self.access);
        drop((self.handler)(call, caller).await);
        description.take().unwrap_or_else(|| panic!("{} reads no parameters", self.path))
    }
}
