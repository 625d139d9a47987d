//! Wires the sweeper to Lambda.

use std::{process::ExitCode, time::Duration};

use fobless::{clock::Clock, config::Settings, deadline::time_left, domain::time::Timestamp, start, telemetry::Telemetry};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use sweeper::{Report, State, sweep};

/// The schedule starts one every minute.
const USUAL_SWEEP: Duration = Duration::from_secs(52);

/// Left over at the end of the function's time.
const MARGIN: Duration = Duration::from_secs(4);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda_runtime::tracing::init_default_subscriber();
    start::function(async {
        let store = start::store(&Settings::environment()).await?;
        let state = State {
            store,
            clock: Clock::system(),
            // Only Lambda runs this binary, and there standard output is the log.
            telemetry: Telemetry::stdout("sweeper"),
        };
        let handler = |event: LambdaEvent<Value>| {
            let state = &state;
            async move {
                let deadline = Timestamp::from_millis(i64::try_from(event.context.deadline).unwrap_or(i64::MAX));
                // A caller that wants one quick pass says so: the local stand-in for the schedule does.
                let usual = event
                    .payload
                    .get("seconds")
                    .and_then(Value::as_u64)
                    .map_or(USUAL_SWEEP, Duration::from_secs);
                Ok::<Report, Error>(sweep(state, time_left(state.clock.now(), deadline, MARGIN, usual)).await?)
            }
        };
        run(service_fn(handler)).await.map_err(start::StartError::runtime)
    })
    .await
}
