//! Wires the sender of webhooks to Lambda.

use std::{process::ExitCode, time::Duration};

use fobless::{
    clock::Clock,
    config::Settings,
    deadline::time_left,
    domain::time::Timestamp,
    start::{self, StartError},
    telemetry::Telemetry,
    webhook_delivery::Sender,
};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use webhook_sender::{State, USUAL_TIME, handle_batch};

/// Left over for the attempts that are under way (fifteen seconds each) and for writing down what came of them.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(25);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda_runtime::tracing::init_default_subscriber();
    start::function(async {
        let settings = Settings::environment();
        let targets = settings.webhook_targets()?;
        let store = start::store(&settings).await?;
        let state = State {
            // Only Lambda runs this binary, and there standard output is the log.
            sender: Sender::new(store, Clock::system(), targets)?.with_telemetry(Telemetry::stdout("webhook-sender")),
            clock: Clock::system(),
        };
        let handler = |event: LambdaEvent<Value>| {
            let state = &state;
            async move {
                let deadline = Timestamp::from_millis(i64::try_from(event.context.deadline).unwrap_or(i64::MAX));
                let time = time_left(state.clock.now(), deadline, LONGEST_ATTEMPT, USUAL_TIME);
                Ok::<Value, Error>(handle_batch(state, &event.payload, time).await)
            }
        };
        run(service_fn(handler)).await.map_err(StartError::runtime)
    })
    .await
}
