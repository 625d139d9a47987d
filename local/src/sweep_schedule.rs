//! Runs the sweeper as the deployed schedule does: every minute, and each run stays to touch what becomes due before the next one.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::MissedTickBehavior;

use crate::{
    function::{Emulated, Function, Invocation},
    task::Task,
};

/// How soon a sweeper that was not there is tried again.
const AWAY: Duration = Duration::from_secs(1);

/// The sweeper.
pub(crate) enum Sweeper {
    /// In this process.
    Here(sweeper::State),
    /// Under an emulator of Lambda.
    Elsewhere(Emulated),
}

/// The running schedule; it ends when this is dropped. A run that is cut off has done nothing by halves: each touch stands alone.
pub(crate) struct SweepSchedule {
    _task: Task<()>,
}

impl SweepSchedule {
    /// The first run begins at once.
    pub(crate) fn start(sweeper: Sweeper, period: Duration) -> Self {
        Self {
            _task: Task::spawn(run(sweeper, period)),
        }
    }
}

async fn run(sweeper: Sweeper, period: Duration) {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match &sweeper {
            Sweeper::Here(state) => {
                let state = state.clone();
                // A task of its own, so that a panic ends this run and not the schedule.
                let run = Task::spawn(async move { sweeper::sweep(&state, horizon_of(period)).await });
                match run.await {
                    Ok(Ok(report)) => tracing::debug!(?report, "swept"),
                    Ok(Err(error)) => tracing::warn!(%error, "the sweep failed"),
                    Err(error) => tracing::error!(%error, "the sweep broke off"),
                }
            }
            Sweeper::Elsewhere(function) => match function.invoke(event(period)).await {
                Invocation::Answered(report) => tracing::debug!(%report, "swept"),
                Invocation::Failed(problem) => tracing::warn!(problem, "the sweep failed"),
                Invocation::Unreachable(problem) => {
                    // It is started after us, most likely, and what is due then shall not wait for the next minute.
                    tracing::warn!(problem, "the sweeper can't be reached; it is tried until it can");
                    ticks.reset_after(period.min(AWAY));
                }
            },
        }
    }
}

/// What wakes the sweeper elsewhere. It knows how long a minute's run lasts; another period has to be told.
fn event(period: Duration) -> Value {
    json!({ "source": "aws.scheduler", "seconds": horizon_of(period).as_secs() })
}

/// A run ends shortly before the next one begins: after 55 of 60 seconds.
fn horizon_of(period: Duration) -> Duration {
    period.saturating_sub(period / 12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweeper_elsewhere_is_told_how_long_to_stay() {
        assert_eq!(event(Duration::from_mins(1))["seconds"], 55);
        assert_eq!(event(Duration::from_millis(500))["seconds"], 0, "one pass");
    }

    #[test]
    fn a_run_ends_before_the_next_begins() {
        assert_eq!(horizon_of(Duration::from_mins(1)), Duration::from_secs(55));
        assert!(horizon_of(Duration::from_millis(1)) < Duration::from_millis(1));
    }
}
