//! Claims, calls and records.

use super::{call::Caller, target::WebhookTargets};
use crate::{
    clock::Clock,
    domain::{
        aggregate::Versioned,
        deletion::Deletable,
        event::Event,
        ids::{EventId, WebhookId, WorkspaceId},
        retry::LEASE,
        time::Timestamp,
        webhook::Webhook,
        webhook_answer::{Answer, Meaning, MessageVerdict},
        webhook_delivery::{AbandonedBecause, WebhookDelivery},
        webhook_health::WebhookHealth,
    },
    http_client::HttpClientError,
    left_alone::leave_alone,
    store::{Key, Store, StoreError, WriteError},
    telemetry::Telemetry,
};

/// Sends events to webhooks. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sender {
    pub(super) store: Store,
    pub(super) clock: Clock,
    caller: Caller,
    telemetry: Telemetry,
}

impl Sender {
    /// A sender that calls these targets only.
    pub fn new(store: Store, clock: Clock, targets: WebhookTargets) -> Result<Self, HttpClientError> {
        Ok(Self {
            store,
            clock,
            caller: Caller::new(targets)?,
            telemetry: Telemetry::nowhere(),
        })
    }

    /// Where it reports what it measures. Whoever calls tells it when an invocation is over.
    #[must_use]
    pub const fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// The same, but it reports what it measures.
    #[must_use]
    pub fn with_telemetry(self, telemetry: Telemetry) -> Self {
        Self { telemetry, ..self }
    }

    /// The webhooks of a workspace that are told anything at all.
    pub async fn webhooks(&self, workspace: WorkspaceId) -> Result<Vec<Webhook>, StoreError> {
        let mut webhooks = self.store.webhooks(workspace).await?;
        webhooks.retain(Webhook::is_enabled);
        Ok(webhooks)
    }

    /// An event. `None`: there is none any more.
    pub async fn event(&self, workspace: WorkspaceId, id: EventId) -> Result<Option<Event>, StoreError> {
        self.store.event(workspace, id).await
    }

    /// Marks what can't be worked on, for an operator: an item as `partition/item`, or a record of the stream.
    pub async fn leave_alone(&self, name: &str, reason: &str) -> Result<(), StoreError> {
        leave_alone(&self.store, &self.clock, &self.telemetry, name, reason).await
    }

    /// Begins the delivery of an event that the webhook wants, and makes the first attempt, unless somebody has begun it before. Once
    /// `until` is over the attempt is left to the sweeper: the delivery is due at once.
    pub async fn begin(&self, webhook: &Webhook, event: &Event, until: Timestamp) -> Result<(), StoreError> {
        let now = self.clock.now();
        if now >= until {
            return self.begin_later(webhook, event.event_id).await;
        }
        let claimed = WebhookDelivery::claimed(webhook.workspace_id, webhook.webhook_id, event.event_id, now, LEASE);
        match self.store.insert(claimed).await {
            Ok(claimed) => self.attempt(webhook, event, claimed).await,
            Err(WriteError::Conflict) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Begins a delivery whose first attempt is for whoever the sweeper wakes.
    pub(super) async fn begin_later(&self, webhook: &Webhook, event: EventId) -> Result<(), StoreError> {
        let begun = WebhookDelivery::put_off(webhook.workspace_id, webhook.webhook_id, event, self.clock.now());
        match self.store.insert(begun).await {
            Ok(_) | Err(WriteError::Conflict) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Makes the next attempt of a delivery, if it is due. Once `until` is over it is left alone: the sweeper comes again.
    pub async fn resume(&self, webhook: WebhookId, event: EventId, until: Timestamp) -> Result<(), StoreError> {
        let now = self.clock.now();
        let found = self.store.get::<WebhookDelivery>(Key::webhook_delivery(webhook, event)).await?;
        let Some(delivery) = found.filter(|found| found.record.is_due(now) && now < until) else {
            return Ok(());
        };
        let workspace = delivery.record.workspace_id;
        let webhook = self.store.get::<Webhook>(Key::webhook(workspace, webhook)).await?;
        let Some(webhook) = webhook.map(|found| found.record).filter(Deletable::is_wanted) else {
            return self.abandon(delivery, AbandonedBecause::WebhookDeleted).await;
        };
        if !webhook.is_enabled() {
            return self.abandon(delivery, AbandonedBecause::WebhookDisabled).await;
        }
        let Some(event) = self.event(workspace, event).await? else {
            return self.abandon(delivery, AbandonedBecause::EventExpired).await;
        };
        let mut claimed = delivery.record.clone();
        claimed.claim(now, LEASE);
        match self.store.replace(claimed, &delivery).await {
            Ok(claimed) => self.attempt(&webhook, &event, claimed).await,
            Err(WriteError::Conflict) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    async fn abandon(&self, delivery: Versioned<WebhookDelivery>, because: AbandonedBecause) -> Result<(), StoreError> {
        let mut abandoned = delivery.record.clone();
        abandoned.abandon(because, self.clock.now());
        tracing::info!(webhook.id = %abandoned.webhook_id, event.id = %abandoned.event_id, ?because, "a delivery is abandoned");
        match self.store.replace(abandoned, &delivery).await {
            // Who wrote it meanwhile looks at the webhook as well.
            Ok(_) | Err(WriteError::Conflict) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Calls for the attempt that is claimed, and records what came of it.
    async fn attempt(&self, webhook: &Webhook, event: &Event, claimed: Versioned<WebhookDelivery>) -> Result<(), StoreError> {
        let attempt = claimed.record.attempt;
        let answer = self.caller.call(webhook, event, self.clock.now()).await;
        log(webhook, event, attempt, answer);
        let (meaning, now) = (answer.meaning(), self.clock.now());
        let recorded = self
            .store
            .amend(claimed, |delivery| delivery.record(attempt, meaning.message, now))
            .await;
        unless_crowded(recorded)?;
        self.note_health(webhook, meaning, now).await
    }

    /// Writes down how the receiver does, where that has changed.
    async fn note_health(&self, seen: &Webhook, meaning: Meaning, now: Timestamp) -> Result<(), StoreError> {
        if changed(seen.health, meaning, now).is_none() {
            return Ok(());
        }
        let Some(webhook) = self.store.get::<Webhook>(seen.key_in_table()).await? else {
            return Ok(());
        };
        let written = self.store.amend(webhook, |webhook| {
            let changed = changed(webhook.health, meaning, now).filter(|_| webhook.is_wanted());
            webhook.health = changed.unwrap_or(webhook.health);
            changed.is_some()
        });
        if let Some(written) = unless_crowded(written.await)? {
            tracing::warn!(webhook.id = %seen.webhook_id, health = ?written.record.health, "a receiver's health has changed");
        }
        Ok(())
    }
}

impl Webhook {
    fn key_in_table(&self) -> Key {
        Key::webhook(self.workspace_id, self.webhook_id)
    }
}

/// What an answer makes of the receiver's health; `None`: nothing.
fn changed(health: WebhookHealth, meaning: Meaning, now: Timestamp) -> Option<WebhookHealth> {
    match (meaning.disables, meaning.message) {
        (Some(because), _) => health.disabled(because, now),
        (None, MessageVerdict::Delivered) => health.after_success(),
        (None, MessageVerdict::Failed { .. }) => health.after_failure(now),
        // It wants this message no more, but it answers.
        (None, MessageVerdict::Aborted) => None,
    }
}

/// Many at once change one record: that none of them gets through is no failure of the table, and the next answer says the same.
fn unless_crowded<T>(written: Result<Option<T>, WriteError>) -> Result<Option<T>, StoreError> {
    match written {
        Ok(written) => Ok(written),
        Err(WriteError::Conflict) => Ok(None),
        Err(WriteError::Store(error)) => Err(error),
    }
}

fn log(webhook: &Webhook, event: &Event, attempt: u32, answer: Answer) {
    let (webhook, event) = (webhook.webhook_id, event.event_id);
    match (answer, answer.meaning().message) {
        (Answer::Answered { status, .. }, MessageVerdict::Delivered) => {
            tracing::debug!(webhook.id = %webhook, event.id = %event, attempt, status, "an event is delivered");
        }
        (Answer::Answered { status, .. }, _) => {
            tracing::info!(webhook.id = %webhook, event.id = %event, attempt, status, "an event was not taken");
        }
        (Answer::Nothing(reason), _) => {
            tracing::info!(webhook.id = %webhook, event.id = %event, attempt, %reason, "an event was not taken");
        }
    }
}
