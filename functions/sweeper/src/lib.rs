//! Touches the items that are due, which wakes the credential issuer.
//!
//! This is the guarantee behind the stream: whatever waits for a time (a retry, an expired lease, a look at an open invitation)
//! has that time in the due index. The schedule starts a sweep every minute, and the sweep passes over the index every few
//! seconds until the next one starts: what falls due in between is touched within seconds, not within a minute.

use std::time::Duration;

use fobless::{
    clock::Clock,
    domain::time::Timestamp,
    store::{DueItem, Store, StoreError},
    telemetry::{Measure, Telemetry},
};
use futures_util::{StreamExt, stream};

/// Time between two passes over the index.
const PASS_EVERY: Duration = Duration::from_secs(5);
/// How many items one pass takes from each part of the index. After an outage the backlog is let go bit by bit, so that the far
/// side is not flooded the moment it is back.
const ITEMS_PER_PASS: u16 = 25;
/// How many touches are under way at once.
const TOUCHES_AT_ONCE: usize = 16;

/// What the sweeper needs.
#[derive(Clone, Debug)]
pub struct State {
    /// The table.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Where measurements go.
    pub telemetry: Telemetry,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Items touched.
    pub touched: usize,
    /// Passes over the index.
    pub passes: usize,
}

/// Passes over the index until `horizon` from now is reached, at least once.
pub async fn sweep(state: &State, horizon: Duration) -> Result<Report, StoreError> {
    let end = state.clock.now().plus(horizon);
    let mut report = Report::default();
    loop {
        report.touched += pass(state).await?;
        report.passes += 1;
        state.telemetry.tell(state.clock.now());
        if state.clock.now().plus(PASS_EVERY) >= end {
            return Ok(report);
        }
        state.clock.sleep(PASS_EVERY).await;
    }
}

async fn pass(state: &State) -> Result<usize, StoreError> {
    let now = state.clock.now();
    let due = state.store.due(now, ITEMS_PER_PASS).await?;
    state.telemetry.measure(Measure::ItemsDue(due.len()));
    let attempts = stream::iter(due)
        .map(|item| touch(state, item, now))
        .buffer_unordered(TOUCHES_AT_ONCE);
    let touched = attempts.filter(|touched| std::future::ready(*touched)).count().await;
    if touched > 0 {
        tracing::info!(items = touched, "touched items that were due");
    }
    Ok(touched)
}

/// One item that can't be touched does not keep the others from being touched; it is still due at the next pass.
async fn touch(state: &State, item: DueItem, now: Timestamp) -> bool {
    match state.store.touch(&item, now).await {
        Ok(touched) => touched,
        Err(error) => {
            tracing::error!(error = %error, item.key = %item.key, "an item that is due could not be touched");
            false
        }
    }
}
