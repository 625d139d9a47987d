//! Wires the credential issuer to Lambda.

use std::{process::ExitCode, time::Duration};

use credential_issuer::{State, handle_batch};
use fobless::{
    clock::Clock, config::Settings, deadline::time_left, domain::time::Timestamp, reconcile::Reconciler, start, telemetry::Telemetry,
};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

/// A step may call four times (a connector that loses a number, a revocation, and a look at what it was refused for), each call may take
/// ten seconds or, a connector's, fifteen; and then it is recorded.
const LONGEST_STEP: Duration = Duration::from_secs(50);
/// Where the deadline is not known.
const USUAL_TIME: Duration = Duration::from_secs(25);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda_runtime::tracing::init_default_subscriber();
    start::function(async {
        let settings = Settings::environment();
        let managers = settings.credential_managers()?;
        let access_control = settings.access_control_systems()?;
        let store = start::store(&settings).await?;
        // Only Lambda runs this binary, and there standard output is the log.
        let reconciler =
            Reconciler::new(store, Clock::system(), managers, access_control)?.with_telemetry(Telemetry::stdout("credential-issuer"));
        let state = State {
            reconciler,
            clock: Clock::system(),
        };
        let handler = |event: LambdaEvent<Value>| {
            let state = &state;
            async move {
                let deadline = Timestamp::from_millis(i64::try_from(event.context.deadline).unwrap_or(i64::MAX));
                let time = time_left(state.clock.now(), deadline, LONGEST_STEP, USUAL_TIME);
                // On the heap: what works on several people at once is large.
                Ok::<Value, Error>(Box::pin(handle_batch(state, &event.payload, time)).await)
            }
        };
        run(service_fn(handler)).await.map_err(start::StartError::runtime)
    })
    .await
}
