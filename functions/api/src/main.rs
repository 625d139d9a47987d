//! The management API as a Lambda function: wires settings and the table to the router.
//!
//! The router knows the public paths only, so a stage's name must not stand before them: `AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH`
//! has to be set where the stage is not `$default`.

use std::{convert::Infallible, process::ExitCode};

use api::State;
use axum::{Router, body::Body};
use bytes::Bytes;
use fobless::{clock::Clock, config::Settings, start};
use http::Response;
use http_body_util::{BodyExt, Full};
use lambda_http::{Request, run_concurrent, service_fn};
use tower::ServiceExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda_http::tracing::init_default_subscriber();
    start::function(async {
        let settings = Settings::environment();
        let webhook_targets = settings.webhook_targets()?;
        let store = start::store(&settings).await?;
        let router = api::router(State {
            store,
            clock: Clock::system(),
            webhook_targets,
        });
        let serve = service_fn(move |request| answer(router.clone(), request));
        run_concurrent(serve).await.map_err(start::StartError::runtime)
    })
    .await
}

/// The router's answer, with its body complete: Lambda wants it whole.
async fn answer(router: Router, request: Request) -> Result<Response<Full<Bytes>>, Infallible> {
    let Ok(response) = router.oneshot(request).await;
    let (parts, body) = response.into_parts();
    Ok(Response::from_parts(parts, Full::new(whole(body).await)))
}

async fn whole(body: Body) -> Bytes {
    match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) => {
            tracing::error!(%error, "an answer could not be read");
            Bytes::new()
        }
    }
}
