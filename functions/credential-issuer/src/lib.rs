//! Takes batches of the table's stream and reconciles each user identity that they concern.
//!
//! The stream is a hint. What a record shows is not looked at beyond "whose partition, and did anything change"; the table is
//! read for the truth. So a record may be repeated, late or from a newer version of Fobless without harm. Only when our own
//! table can't be used is a record reported for another try, since then nothing could be written down.

mod batch;

use std::collections::BTreeMap;

use batch::{StreamRecord, concerns};
use fobless::{
    reconcile::Reconciler,
    store::{PartitionOwner, StoreError},
};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

/// How many user identities of a batch are worked on at once. Their calls share one budget; more would only wait there.
const USERS_AT_ONCE: usize = 8;

/// What the issuer needs.
#[derive(Clone, Debug)]
pub struct State {
    /// Does the work.
    pub reconciler: Reconciler,
}

/// Handles one batch of the stream, as Lambda's event source mapping sends it, and answers which records to send again.
///
/// A record that can't be understood concerns nobody: it is logged and counts as done, so that the rest of the batch goes on.
pub async fn handle_batch(state: &State, event: Value) -> Value {
    let records = event
        .get("Records")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut concerned: BTreeMap<PartitionOwner, Vec<usize>> = BTreeMap::new();
    let records: Vec<StreamRecord<'_>> = records.iter().map(StreamRecord::new).collect();
    for (index, &record) in records.iter().enumerate() {
        if let Some(owner) = concerns(record) {
            concerned.entry(owner).or_default().push(index);
        }
    }
    let outcomes = stream::iter(concerned).map(|(owner, indexes)| async move { (indexes, reconcile(state, owner).await) });
    let outcomes: Vec<(Vec<usize>, Result<(), StoreError>)> = outcomes.buffer_unordered(USERS_AT_ONCE).collect().await;

    let mut failed: Vec<usize> = Vec::new();
    for (indexes, outcome) in outcomes {
        if let Err(error) = outcome {
            tracing::error!(error = %error, records = indexes.len(), "a user identity could not be reconciled; its records are sent again");
            // From its first record on everything is sent again anyway.
            failed.extend(indexes.first());
        }
    }
    failed.sort_unstable();
    let failures: Vec<Value> = failed
        .into_iter()
        .filter_map(|index| records.get(index)?.sequence_number())
        .map(|number| json!({ "itemIdentifier": number }))
        .collect();
    json!({ "batchItemFailures": failures })
}

/// An item that can't be read is no reason to hold up a shard: it will not get better by being sent again.
async fn reconcile(state: &State, owner: PartitionOwner) -> Result<(), StoreError> {
    match state.reconciler.reconcile(owner).await {
        Err(error @ (StoreError::Unreadable { .. } | StoreError::Unwritable(_))) => {
            tracing::error!(error = %error, "a user identity is left alone, since an item of it can't be understood");
            Ok(())
        }
        outcome => outcome,
    }
}
