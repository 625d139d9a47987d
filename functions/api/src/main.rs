//! The management API as a Lambda function: wires telemetry, settings and the table to the router.
//!
//! The router knows the public paths only, so a stage's name must not stand before them: `AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH`
//! has to be set where the stage is not `$default`.

use std::{convert::Infallible, process::ExitCode};

use api::State;
use axum::{Router, body::Body};
use bytes::Bytes;
use fobless::{
    clock::Clock,
    config::{ConfigError, Settings},
    store::{Store, StoreError},
};
use http::Response;
use http_body_util::{BodyExt, Full};
use lambda_http::{Request, service_fn};
use tower::ServiceExt;

/// Why the function can't start.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda_http::tracing::init_default_subscriber();
    let store = match open_store() {
        Ok(store) => store,
        Err(error) => {
            eprintln!("api: {error}");
            return ExitCode::FAILURE;
        }
    };
    if let Err(error) = store.warm().await {
        tracing::warn!(%error, "the table did not answer at start");
    }
    let router = api::router(State {
        store,
        clock: Clock::system(),
    });
    let served = lambda_http::run_concurrent(service_fn(move |request| answer(router.clone(), request))).await;
    if let Err(error) = served {
        eprintln!("api: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn open_store() -> Result<Store, StartError> {
    let settings = Settings::environment();
    let table = settings.table()?;
    Ok(Store::new(fobless::store::connect(&settings.table_address()?)?, table))
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
