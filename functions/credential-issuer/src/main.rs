//! Wires the credential issuer to Lambda.

use std::{process::ExitCode, time::Duration};

use credential_issuer::{CurrentReconciler, handle_with_current_settings};
use fobless::{clock::Clock, config::Settings, deadline::time_left, domain::time::Timestamp, start, telemetry::Telemetry};
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
        let clock = Clock::system();
        let (managers, systems) = (settings.credential_managers()?, settings.access_control_systems()?);
        let (store, managers, systems) = start::store_and_secrets(&settings, &clock, (managers, systems)).await?;
        // Only Lambda runs this binary, and there standard output is the log.
        let telemetry = Telemetry::stdout("credential-issuer");
        let current = CurrentReconciler::new(store, clock.clone(), telemetry, managers, systems).await?;
        let handler = |event: LambdaEvent<Value>| {
            let (current, clock) = (&current, &clock);
            async move {
                let deadline = Timestamp::from_millis(i64::try_from(event.context.deadline).unwrap_or(i64::MAX));
                let time = time_left(clock.now(), deadline, LONGEST_STEP, USUAL_TIME);
                // On the heap: what works on several people at once is large.
                Ok::<Value, Error>(Box::pin(handle_with_current_settings(current, clock, &event.payload, time)).await)
            }
        };
        run(service_fn(handler)).await.map_err(start::StartError::runtime)
    })
    .await
}
