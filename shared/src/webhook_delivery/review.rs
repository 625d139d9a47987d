//! The review of a webhook: the net under the stream. Every event has its delivery soon after it was written, unless its stream record was
//! lost; so each hour the events of the last hour are gone through, and what has no delivery gets one.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::sender::Sender;
use crate::{
    domain::{
        aggregate::Versioned,
        event::Event,
        ids::{EventId, WebhookId, WorkspaceId},
        webhook::{REVIEW_LAG, REVIEW_OVERLAP, Webhook},
        webhook_delivery::WebhookDelivery,
    },
    store::{EventWindow, Key, StoreError, WriteError},
};

/// How many events one review goes through. If there are more it goes on at once, in another invocation.
const EVENTS_AT_ONCE: usize = 2000;
const READS_AT_ONCE: usize = 16;

impl Sender {
    /// Reviews a webhook, if that is due.
    pub async fn review(&self, workspace: WorkspaceId, webhook: WebhookId) -> Result<(), StoreError> {
        let now = self.clock.now();
        let found = self.store.get::<Webhook>(Key::webhook(workspace, webhook)).await?;
        let Some(webhook) = found.filter(|found| found.record.is_enabled() && found.record.review_at <= now) else {
            return Ok(());
        };
        let until = now.minus(REVIEW_LAG);
        let window = EventWindow {
            after: webhook.record.review_after(),
            before: until,
        };
        let wanted = |event: &Event| webhook.record.wants(event);
        let events = self.store.events(workspace, window, EVENTS_AT_ONCE, wanted).await?;
        let ids: Vec<EventId> = events.iter().map(|event| event.event_id).collect();
        let missing = stream::iter(ids).map(|event| self.begin_if_missing(&webhook, event));
        missing.buffer_unordered(READS_AT_ONCE).try_collect::<()>().await?;
        // If there were more than one review goes through, the next begins with the last of these: others may be of the same millisecond.
        let last = events.last().filter(|_| events.len() == EVENTS_AT_ONCE);
        let with = |last: &Event| last.created_at.minus(Duration::from_millis(1)).plus(REVIEW_OVERLAP);
        let (until, is_complete) = last.map_or((until, true), |last| (with(last), false));
        match self.store.amend(webhook, |webhook| webhook.reviewed(until, is_complete, now)).await {
            Ok(_) | Err(WriteError::Conflict) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// A look costs a fraction of a write that is refused.
    async fn begin_if_missing(&self, webhook: &Versioned<Webhook>, event: EventId) -> Result<(), StoreError> {
        let webhook = &webhook.record;
        let key = Key::webhook_delivery(webhook.webhook_id, event);
        if self.store.get::<WebhookDelivery>(key).await?.is_some() {
            return Ok(());
        }
        tracing::warn!(webhook.id = %webhook.webhook_id, event.id = %event, "an event was not told in time; it is told now");
        self.begin_later(webhook, event).await
    }
}
