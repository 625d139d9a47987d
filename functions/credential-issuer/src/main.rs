//! Wires the credential issuer to Lambda.

use std::process::ExitCode;

use credential_issuer::{State, handle_batch};
use fobless::{clock::Clock, config::Settings, reconcile::Reconciler, start};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda_runtime::tracing::init_default_subscriber();
    start::function(async {
        let settings = Settings::environment();
        let managers = settings.credential_managers()?;
        let store = start::store(&settings).await?;
        let reconciler = Reconciler::new(store, Clock::system(), managers)?;
        let state = State { reconciler };
        let handler = |event: LambdaEvent<Value>| async { Ok::<Value, Error>(handle_batch(&state, event.payload).await) };
        run(service_fn(handler)).await.map_err(start::StartError::runtime)
    })
    .await
}
