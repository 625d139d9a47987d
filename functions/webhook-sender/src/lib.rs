//! Takes batches of the table's stream and sends events to the webhooks that want them.
//!
//! Three kinds of records concern it: an event that was written, a delivery that the sweeper touched, and a webhook that the sweeper
//! touched. What a receiver does wrong is kept in its delivery, which then waits for its time; only when our own table can't be used is a
//! record reported for another try.

mod concerns;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use concerns::concerns;
use fobless::{
    clock::Clock,
    domain::{
        event::Event,
        ids::{EventId, WebhookId, WorkspaceId},
        time::Timestamp,
        webhook::Webhook,
    },
    store::{StoreError, WebhookWork},
    stream_batch::{StreamRecord, records, send_again},
    webhook_delivery::Sender,
};
use futures_util::{StreamExt, stream};
use serde_json::Value;

/// How many attempts of a batch are under way at once. A batch of 25 events that are all for one receiver that does not answer leaves as
/// many for the others.
const ATTEMPTS_AT_ONCE: usize = 50;
const READS_AT_ONCE: usize = 16;

/// How long attempts are begun. Each takes fifteen seconds at most, and what is left over is taken up by the sweeper: a batch, and with
/// it the records behind it, never waits much longer than for one receiver that does not answer.
pub const USUAL_TIME: Duration = Duration::from_secs(15);

/// What the sender needs.
#[derive(Clone, Debug)]
pub struct State {
    /// Does the work.
    pub sender: Sender,
    /// The time.
    pub clock: Clock,
}

/// What a record asks for, with all that has to be known for it.
enum Job {
    Begin(Arc<Webhook>, Arc<Event>),
    Resume(WebhookId, EventId),
    Review(WorkspaceId, WebhookId),
}

/// Whom a workspace's events are told to, or that it could not be read.
type Receivers = BTreeMap<WorkspaceId, Option<Vec<Arc<Webhook>>>>;

/// Handles one batch of the stream, as Lambda's event source mapping sends it, and answers which records to send again.
///
/// No attempt is begun any more once `time` is over; what is then left is due in the table.
pub async fn handle_batch(state: &State, event: &Value, time: Duration) -> Value {
    let until = state.clock.now().plus(time);
    let records = records(event);
    let work: Vec<(usize, WebhookWork)> = records
        .iter()
        .enumerate()
        .filter_map(|(index, &record)| Some((index, concerns(record)?)))
        .collect();
    let receivers = receivers(state, &work).await;
    let names: Vec<String> = records.iter().map(|record| name_of(*record)).collect();
    let found = stream::iter(work).map(|(index, work)| jobs(state, &receivers, index, &names[index], work));
    let found: Vec<(usize, Result<Vec<Job>, Again>)> = found.buffered(READS_AT_ONCE).collect().await;

    let mut failed = Vec::new();
    let mut jobs = Vec::new();
    for (index, found) in found {
        match found {
            Ok(found) => jobs.extend(found.into_iter().map(|job| (index, job))),
            Err(Again) => failed.push(index),
        }
    }
    let names = &names;
    let attempts = stream::iter(jobs).map(|(index, job)| async move { (index, job.run(state, &names[index], until).await) });
    let outcomes: Vec<(usize, Result<(), Again>)> = attempts.buffer_unordered(ATTEMPTS_AT_ONCE).collect().await;
    failed.extend(outcomes.into_iter().filter_map(|(index, outcome)| outcome.err().map(|_| index)));
    state.sender.telemetry().tell(state.clock.now());
    send_again(&records, failed)
}

/// Nothing could be written down, so nobody else knows that something is to be done. It is logged already.
#[derive(Clone, Copy, Debug)]
struct Again;

/// An item that can't be used is no reason to hold up a shard: what it keeps from being done is marked, and will not get better by being
/// sent again.
async fn unless_ours_to_repeat<T>(state: &State, name: &str, done: Result<T, StoreError>, otherwise: T) -> Result<T, Again> {
    let error = match done {
        Ok(done) => return Ok(done),
        Err(error) if error.is_about_an_item() => match state.sender.leave_alone(name, &error.to_string()).await {
            Ok(()) => return Ok(otherwise),
            Err(not_marked) => not_marked,
        },
        Err(error) => error,
    };
    tracing::error!(%error, "a record is not done; it is sent again");
    Err(Again)
}

/// The webhooks of each workspace that has an event in the batch: one query per workspace, however many events there are.
async fn receivers(state: &State, work: &[(usize, WebhookWork)]) -> Receivers {
    let mut workspaces: Vec<WorkspaceId> = work
        .iter()
        .filter_map(|(_, work)| match work {
            WebhookWork::Tell { workspace_id, .. } => Some(*workspace_id),
            WebhookWork::Attempt { .. } | WebhookWork::Review { .. } => None,
        })
        .collect();
    workspaces.sort_unstable();
    workspaces.dedup();
    let reads = stream::iter(workspaces).map(|workspace| async move {
        let name = format!("the webhooks of the workspace {workspace}");
        let read = unless_ours_to_repeat(state, &name, state.sender.webhooks(workspace).await, Vec::new()).await;
        (workspace, read.ok().map(|webhooks| webhooks.into_iter().map(Arc::new).collect()))
    });
    reads.buffer_unordered(READS_AT_ONCE).collect().await
}

/// How an operator finds the item that a record is of.
fn name_of(record: StreamRecord<'_>) -> String {
    let (partition, item) = record.key().unwrap_or_default();
    format!("{partition}/{item}")
}

async fn jobs(state: &State, receivers: &Receivers, index: usize, name: &str, work: WebhookWork) -> (usize, Result<Vec<Job>, Again>) {
    let jobs = match work {
        WebhookWork::Tell { workspace_id, event_id } => tell(state, receivers, name, workspace_id, event_id).await,
        WebhookWork::Attempt { webhook_id, event_id } => Ok(vec![Job::Resume(webhook_id, event_id)]),
        WebhookWork::Review { workspace_id, webhook_id } => Ok(vec![Job::Review(workspace_id, webhook_id)]),
    };
    (index, jobs)
}

async fn tell(state: &State, receivers: &Receivers, name: &str, workspace: WorkspaceId, event: EventId) -> Result<Vec<Job>, Again> {
    let webhooks = receivers.get(&workspace).and_then(Option::as_ref).ok_or(Again)?;
    if webhooks.is_empty() {
        return Ok(Vec::new());
    }
    let Some(event) = unless_ours_to_repeat(state, name, state.sender.event(workspace, event).await, None).await? else {
        return Ok(Vec::new());
    };
    let event = Arc::new(event);
    let wanted = webhooks.iter().filter(|webhook| webhook.wants(&event));
    Ok(wanted.map(|webhook| Job::Begin(webhook.clone(), event.clone())).collect())
}

impl Job {
    async fn run(self, state: &State, name: &str, until: Timestamp) -> Result<(), Again> {
        let done = match self {
            Self::Begin(webhook, event) => state.sender.begin(&webhook, &event, until).await,
            Self::Resume(webhook, event) => state.sender.resume(webhook, event, until).await,
            Self::Review(workspace, webhook) => state.sender.review(workspace, webhook).await,
        };
        unless_ours_to_repeat(state, name, done, ()).await
    }
}
