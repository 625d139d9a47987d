//! The API, asked directly, and what every answer of it has to be like.

use api::State;
use axum::{Router, body::Body};
use fobless::webhook_delivery::WebhookTargets;
use http::{Request, StatusCode, header::AUTHORIZATION};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::{
    log,
    records::STRANGER,
    secrets,
    table::{Table, at_once, clock},
};

/// An answer of the API.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

/// The API over this table.
pub(crate) fn api(table: &Table) -> Router {
    api::router(State {
        store: table.store.clone(),
        clock: clock(),
        webhook_targets: WebhookTargets::Public,
    })
}

/// A request with a key or a token.
pub(crate) fn authorized(bearer: &str) -> http::request::Builder {
    Request::builder().header(AUTHORIZATION, format!("Bearer {bearer}"))
}

/// Asks, and checks whatever is answered.
pub(crate) fn ask(api: &Router, request: Request<Body>) -> Answer {
    let answer = log::without_secrets(|| {
        at_once(async {
            let response = api.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            Answer {
                status: parts.status,
                body: serde_json::from_slice(&body).expect("every answer is JSON"),
            }
        })
    });
    answer.check();
    answer
}

impl Answer {
    fn check(&self) {
        let Self { status, body } = self;
        assert!(!status.is_server_error(), "{status} {body}");
        assert_eq!(body["ok"], status.is_success(), "{status} {body}");
        if status.is_success() {
            return;
        }
        assert!(status.is_client_error(), "{status} {body}");
        let error = &body["error"];
        let text = |name: &str| error[name].as_str().filter(|text| !text.is_empty());
        assert!(text("type").is_some() && text("message").is_some(), "{body}");
        let errors = error.get("validation_errors");
        assert_eq!(errors.is_some(), text("type") == Some("invalid_input"), "{body}");
        if let Some(errors) = errors {
            assert!(
                messages(errors).expect("validation errors are nested as the parameters are") > 0,
                "{body}"
            );
        }
        secrets::assert_none_in(&body.to_string());
    }

    /// Fails if it shows anything of the other workspace.
    pub(crate) fn assert_is_ours(&self) {
        let shown = self.body.to_string();
        assert!(!shown.contains(STRANGER), "somebody of another workspace is shown: {shown}");
    }
}

/// How many messages stand in a node of the validation errors and below; `None`: it is no such node.
fn messages(node: &Value) -> Option<usize> {
    let mut count = 0;
    for (name, value) in node.as_object()? {
        count += match value.as_array() {
            Some(list) if name == "_errors" => list.iter().all(Value::is_string).then_some(list.len())?,
            _ => messages(value)?,
        };
    }
    node.get("_errors").map(|_| count)
}
