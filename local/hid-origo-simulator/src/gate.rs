//! What each request to HID passes before it reaches its handler: the count, the faults, the limit, the token, the headers.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use crate::clock::Timestamp;
use crate::failure::Failure;
use crate::faults::RequestFate;
use crate::origo::Origo;
use crate::scim::MEDIA_TYPE;

const MAX_BODY: usize = 1024 * 1024;

/// One of HID's services. Events and callbacks share a limit and their manners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Tokens,
    MobileIdentities,
    Events,
}

/// When a request arrived, before anything delayed it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival(pub(crate) Timestamp);

impl<S: Sync> FromRequestParts<S> for Arrival {
    type Rejection = Failure;

    /// Each route that asks for it is behind the gate, which notes it.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get().copied().ok_or_else(Failure::internal)
    }
}

/// The gate of one service.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) origo: Arc<Origo>,
    pub(crate) service: Service,
}

/// Lets a request in, or answers in its handler's place.
pub(crate) async fn pass(
    State(gate): State<Gate>,
    matched: MatchedPath,
    parameters: RawPathParams,
    mut request: Request,
    next: Next,
) -> Response {
    request.extensions_mut().insert(Arrival(gate.origo.clock.now()));
    let organization_id = parameters
        .iter()
        .find(|(name, _)| *name == "org")
        .map(|(_, value)| value.to_owned())
        .unwrap_or_default();
    let method = request.method();
    let route = gate.service.route(method, matched.as_str());
    let path = format!("{method} {}", request.uri().path());
    let short_path = gate.service.short_path(method, request.uri().path(), &organization_id);
    gate.origo.calls.arrived(&route);
    let RequestFate { delay, status, lost_reply } = gate.origo.faults.for_request(&[&route, &path, &short_path]);

    let answer = match delay {
        // A task of its own: HID does the work, too, when the client has given up waiting.
        Some(delay) => {
            let gate = gate.clone();
            let work = async move {
                let request = with_whole_body(request).await?;
                tokio::time::sleep(delay).await;
                Ok(gate.work(status, &organization_id, request, next).await)
            };
            tokio::spawn(work)
                .await
                .unwrap_or_else(|_| Err(Failure::internal()))
                .unwrap_or_else(Failure::into_response)
        }
        None => gate.work(status, &organization_id, request, next).await,
    };

    let answer = gate.service.word(answer);
    gate.origo.calls.answered(answer.status());
    if lost_reply { broken() } else { answer }
}

impl Gate {
    async fn work(&self, status: Option<StatusCode>, organization_id: &str, request: Request, next: Next) -> Response {
        if let Some(status) = status {
            return Failure::injected(status).into_response();
        }
        match self.check(organization_id, request.method(), request.headers()) {
            Ok(()) => next.run(request).await,
            Err(failure) => failure.into_response(),
        }
    }

    fn check(&self, organization_id: &str, method: &Method, headers: &HeaderMap) -> Result<(), Failure> {
        let origo = &self.origo;
        origo.limits.take(self.service, origo.clock.now())?;
        if self.service == Service::Tokens {
            return Ok(());
        }
        origo.act(|world| {
            world.check_token(headers)?;
            if organization_id == world.organization_id {
                return Ok(());
            }
            Err(Failure::new(StatusCode::FORBIDDEN, "The account has no role in this organization"))
        })?;
        let content_type = (*method == Method::POST || *method == Method::PUT || has_body(headers)).then(|| headers.get(CONTENT_TYPE));
        if self.service == Service::Events {
            let json = |value: &HeaderValue| value.to_str().is_ok_and(|text| text.starts_with("application/json"));
            return match content_type {
                Some(content_type) if content_type.is_none_or(|value| !json(value)) => Err(unsupported("application/json")),
                _ => Ok(()),
            };
        }
        if headers
            .get("application-id")
            .is_none_or(|id| id.as_bytes() != origo.application_id.as_bytes())
        {
            return Err(Failure::new(
                StatusCode::FORBIDDEN,
                "The Application-ID is not approved for this organization",
            ));
        }
        if headers.get("application-version").is_none_or(HeaderValue::is_empty) {
            return Err(Failure::bad_request("The Application-Version is missing"));
        }
        match content_type {
            // Nothing may follow: clients that add `; charset=utf-8` are refused.
            Some(content_type) if content_type.is_none_or(|value| !value.as_bytes().eq_ignore_ascii_case(MEDIA_TYPE.as_bytes())) => {
                Err(unsupported(MEDIA_TYPE))
            }
            _ => Ok(()),
        }
    }
}

impl Service {
    /// What the ledger counts a request under, such as `POST /users/{id}/invitation`.
    fn route(self, method: &Method, matched: &str) -> String {
        match self {
            Self::Tokens => format!("{method} token"),
            Self::MobileIdentities | Self::Events => self.short_path(method, matched, "{org}"),
        }
    }

    fn short_path(self, method: &Method, path: &str, organization_id: &str) -> String {
        let common = match self {
            Self::Tokens => "/authentication/customer/",
            Self::MobileIdentities => "/credential-management/customer/",
            Self::Events => "/organization/",
        };
        let rest = path
            .strip_prefix(common)
            .and_then(|rest| rest.strip_prefix(organization_id))
            .unwrap_or(path);
        format!("{method} {}", if rest.is_empty() { "/" } else { rest })
    }

    /// Words a refusal as this service does, whoever refused.
    fn word(self, answer: Response) -> Response {
        let status = answer.status();
        if !status.is_client_error() && !status.is_server_error() {
            return answer;
        }
        let failure = answer
            .extensions()
            .get::<Failure>()
            .cloned()
            .unwrap_or_else(|| Failure::new(status, status.canonical_reason().unwrap_or("Refused")));
        let body = failure.body(self).to_string();
        let media_type = if self == Self::MobileIdentities {
            MEDIA_TYPE
        } else {
            "application/json"
        };
        (status, [(CONTENT_TYPE, HeaderValue::from_static(media_type))], body).into_response()
    }
}

fn unsupported(wanted: &str) -> Failure {
    Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("The Content-Type must be {wanted}"))
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0")
}

/// Takes the body off the connection, so that the request outlives it.
async fn with_whole_body(request: Request) -> Result<Request, Failure> {
    let (parts, body) = request.into_parts();
    let body: Bytes = to_bytes(body, MAX_BODY)
        .await
        .map_err(|_| Failure::bad_request("the body is too long or broke off"))?;
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// No answer at all: a body that fails before the first byte is flushed makes the server close the connection.
fn broken() -> Response {
    let error = std::io::Error::new(std::io::ErrorKind::ConnectionAborted, "the reply is to be lost");
    Response::new(Body::from_stream(futures_util::stream::once(std::future::ready(Err::<Bytes, _>(
        error,
    )))))
}
