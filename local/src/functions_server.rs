//! Serves the functions on one port, under the paths that the deployed stack has.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware::{Next, from_fn},
    response::{IntoResponse as _, Response},
    routing::any,
    serve::ListenerExt as _,
};
use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt as _, Limited};
use tokio::{net::TcpListener, sync::oneshot};

use crate::task::Task;

/// How long a stop waits for requests that are being answered.
const GRACE: Duration = Duration::from_millis(500);

/// The running server.
pub(crate) struct FunctionsServer {
    task: Task<()>,
    stop: oneshot::Sender<()>,
}

impl FunctionsServer {
    /// Serves the listener.
    pub(crate) fn start(listener: TcpListener, webhooks: phone_webhook::State, api: Router) -> Self {
        let routes = Router::new()
            // Beside them, under the same beginning, are the management API's own webhooks, which go out.
            .route("/webhooks/phones", any(webhook))
            .route("/webhooks/hid-origo/{*path}", any(webhook))
            .with_state(webhooks)
            .fallback_service(api)
            .layer(from_fn(in_a_task_of_its_own));
        let listener = listener.tap_io(|connection| {
            // Small answers shall not wait for more to send.
            let _ = connection.set_nodelay(true);
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = axum::serve(listener, routes).with_graceful_shutdown(async {
            // Dropped without a word, it stops all the same.
            let _ = stopped.await;
        });
        let task = Task::spawn(async move {
            if let Err(error) = serve.await {
                tracing::error!(%error, "the functions' server stopped");
            }
        });
        Self { task, stop }
    }

    /// Answers what has come in, then ends.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        self.task.end_within(GRACE).await;
    }
}

async fn webhook(State(state): State<phone_webhook::State>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, phone_webhook::BODY_LIMIT).collect().await {
        Ok(body) => Some(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => None,
        // The client is gone, so the answer reaches nobody.
        Err(_) => return StatusCode::BAD_REQUEST.into_response(),
    };
    let answer: http::Response<Bytes> = phone_webhook::handle(&state, http::Request::from_parts(parts, body)).await;
    answer.map(Body::from)
}

/// A function that was called runs to its end though its caller has gone, and its panic is an answer of its own.
async fn in_a_task_of_its_own(request: Request, next: Next) -> Response {
    match tokio::spawn(next.run(request)).await {
        Ok(answer) => answer,
        Err(error) => {
            tracing::error!(%error, "a function broke off");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
