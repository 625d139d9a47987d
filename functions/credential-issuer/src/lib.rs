//! Takes batches of the table's stream and reconciles each user identity that they concern.
//!
//! The stream is a hint. What a record shows is not looked at beyond "whose partition, and did anything change"; the table is
//! read for the truth. So a record may be repeated, late or from a newer version of Fobless without harm. Only when our own
//! table can't be used, or the function's time is over, is a record reported for another try.

mod concerns;
mod current_reconciler;

use std::{collections::BTreeMap, time::Duration};

use concerns::{Concern, concerns};
pub use current_reconciler::CurrentReconciler;
use fobless::{
    clock::Clock,
    domain::time::Timestamp,
    reconcile::{Outcome, Reconciler},
    store::{PartitionOwner, StoreError},
    stream_batch::{records, send_again},
};
use futures_util::{StreamExt, stream};
use serde_json::Value;

/// How many user identities of a batch are worked on at once. Their calls share one budget; more would only wait there.
const USERS_AT_ONCE: usize = 8;

/// What the issuer needs.
#[derive(Clone, Debug)]
pub struct State {
    /// Does the work.
    pub reconciler: Reconciler,
    /// The time.
    pub clock: Clock,
}

/// Handles one batch with the settings as they are now, and looks for newer ones when they were not accepted.
pub async fn handle_with_current_settings(current: &CurrentReconciler, clock: &Clock, event: &Value, time: Duration) -> Value {
    let state = State {
        reconciler: current.get().await,
        clock: clock.clone(),
    };
    let answer = handle_batch(&state, event, time).await;
    if state.reconciler.take_refusal() {
        current.look_again().await;
    }
    answer
}

/// Handles one batch of the stream, as Lambda's event source mapping sends it, and answers which records to send again.
///
/// Nothing is begun any more once `time` is over. A record that can't be understood is marked in the table and counts as done, so that
/// the rest of the batch goes on.
pub async fn handle_batch(state: &State, event: &Value, time: Duration) -> Value {
    let until = state.clock.now().plus(time);
    let records = records(event);
    let mut concerned: BTreeMap<PartitionOwner, Vec<usize>> = BTreeMap::new();
    let mut failed: Vec<usize> = Vec::new();
    for (index, &record) in records.iter().enumerate() {
        match concerns(record) {
            Concern::UserIdentity(owner) => concerned.entry(owner).or_default().push(index),
            Concern::Nobody => {}
            Concern::Unclear { name } => {
                let marked = state
                    .reconciler
                    .leave_alone(&name, "the record of the stream can't be understood")
                    .await;
                if let Err(reason) = marked {
                    tracing::error!(%reason, "a record that can't be understood could not be marked; it is sent again");
                    failed.push(index);
                }
            }
        }
    }
    let outcomes = stream::iter(concerned).map(|(owner, indexes)| async move { (indexes, reconcile(state, owner, until).await) });
    let outcomes: Vec<(Vec<usize>, Result<(), Again>)> = outcomes.buffer_unordered(USERS_AT_ONCE).collect().await;

    for (indexes, outcome) in outcomes {
        if let Err(reason) = outcome {
            tracing::error!(%reason, records = indexes.len(), "a user identity is not done; its records are sent again");
            // From its first record on everything is sent again anyway.
            failed.extend(indexes.first());
        }
    }
    state.reconciler.telemetry().tell(state.clock.now());
    send_again(&records, failed)
}

/// Why records are sent again.
#[derive(Debug, thiserror::Error)]
enum Again {
    /// Nothing could be written down, so nobody else knows that something is to be done.
    #[error(transparent)]
    Table(StoreError),
    /// What is left to do has no time of its own in the table: it would wait for the next change of this person.
    #[error("the function's time is over")]
    OutOfTime,
}

/// An item that can't be used is no reason to hold up a shard: it is marked, and will not get better by being sent again.
async fn reconcile(state: &State, owner: PartitionOwner, until: Timestamp) -> Result<(), Again> {
    match state.reconciler.reconcile(owner, until).await {
        Ok(Outcome::NothingLeft | Outcome::LeftAlone) => Ok(()),
        Ok(Outcome::OutOfTime) => Err(Again::OutOfTime),
        Err(error) => Err(Again::Table(error)),
    }
}
