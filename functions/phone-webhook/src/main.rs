//! Wires the webhook function to Lambda.

use std::process::ExitCode;

use bytes::Bytes;
use fobless::{clock::Clock, config::Settings, start, telemetry::Telemetry};
use lambda_http::{Body, Error, Request, RequestExt, Response, run_concurrent, service_fn};
use phone_webhook::{State, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda_http::tracing::init_default_subscriber();
    start::function(async {
        let settings = Settings::environment();
        let clock = Clock::system();
        let (keys, callbacks) = (settings.phone_webhook_keys()?, settings.hid_origo_callbacks()?);
        let (store, keys, callbacks) = start::store_and_secrets(&settings, &clock, (keys, callbacks)).await?;
        let state = State {
            store,
            clock,
            keys,
            callbacks,
            // Only Lambda runs this binary, and there standard output is the log.
            telemetry: Telemetry::stdout("phone-webhook"),
        };
        let serve = service_fn(move |request: Request| {
            let state = state.clone();
            async move { Ok::<Response<Body>, Error>(answer(&state, request).await) }
        });
        run_concurrent(serve).await.map_err(start::StartError::runtime)
    })
    .await
}

/// From the gateway's request to ours and back. The path is the one without the stage; the body is the bytes that were sent.
async fn answer(state: &State, request: Request) -> Response<Body> {
    let path = request.raw_http_path().to_owned();
    let (mut parts, body) = request.into_parts();
    if let Ok(uri) = path.parse() {
        parts.uri = uri;
    }
    let body = match body {
        Body::Text(text) => Bytes::from(text),
        Body::Binary(bytes) => Bytes::from(bytes),
        _ => Bytes::new(),
    };
    let (parts, body) = handle(state, http::Request::from_parts(parts, Some(body))).await.into_parts();
    Response::from_parts(parts, Body::from(body.to_vec()))
}
