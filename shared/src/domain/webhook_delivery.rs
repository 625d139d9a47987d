//! The delivery of one event to one webhook: claim, call, record, as every step that goes outside.
//!
//! A claim takes a lease and raises `attempt`, the fencing token: who records an answer must still hold that attempt. A claim whose
//! answer was never recorded is simply made again once its lease is over. The receiver knows the message by its id, which stays the same.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    ids::{EventId, WebhookId, WorkspaceId},
    time::Timestamp,
    webhook_answer::MessageVerdict,
};

/// How long to wait after the first failure, the second, ...; after the last there is no further attempt. The first attempt is made at
/// once, so there are eight. Svix's schedule, hence Seam's.
pub const SCHEDULE: [Duration; 7] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(10),
];

/// A receiver may ask for a longer wait than the schedule's, but not for ever.
const LONGEST_WAIT: Duration = Duration::from_hours(10);

/// The delivery of one event to one webhook. There is at most one: its key is made of both ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookDelivery {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The event.
    pub event_id: EventId,
    /// When it was begun.
    pub created_at: Timestamp,
    /// How many attempts were claimed; the fencing token.
    pub attempt: u32,
    /// How far it has come.
    pub state: DeliveryState,
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum DeliveryState {
    /// Somebody is at it.
    Attempting {
        /// Who has not recorded an answer by then is dead.
        lease_until: Timestamp,
    },
    /// It waits for its next attempt.
    Waiting {
        /// When that is due.
        next_attempt_at: Timestamp,
    },
    /// The receiver took it.
    Delivered {
        /// When.
        at: Timestamp,
    },
    /// It is not tried any more.
    Abandoned {
        /// Since when.
        at: Timestamp,
        /// Why.
        because: AbandonedBecause,
    },
}

/// Why a delivery is not tried any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AbandonedBecause {
    /// All attempts failed.
    Exhausted,
    /// The receiver asked for that.
    AskedByReceiver,
    /// The webhook is disabled.
    WebhookDisabled,
    /// The webhook is deleted.
    WebhookDeleted,
    /// The event is not kept any more.
    EventExpired,
}

impl WebhookDelivery {
    /// One that is begun and claimed in one write.
    #[must_use]
    pub fn claimed(workspace_id: WorkspaceId, webhook_id: WebhookId, event_id: EventId, now: Timestamp, lease: Duration) -> Self {
        let mut begun = Self::put_off(workspace_id, webhook_id, event_id, now);
        begun.claim(now, lease);
        begun
    }

    /// One that is begun, and whose first attempt is for somebody else.
    #[must_use]
    pub const fn put_off(workspace_id: WorkspaceId, webhook_id: WebhookId, event_id: EventId, now: Timestamp) -> Self {
        Self {
            workspace_id,
            webhook_id,
            event_id,
            created_at: now,
            attempt: 0,
            state: DeliveryState::Waiting { next_attempt_at: now },
        }
    }

    /// When it has to be looked at; `None`: it is settled.
    #[must_use]
    pub const fn due_at(&self) -> Option<Timestamp> {
        match self.state {
            DeliveryState::Attempting { lease_until } => Some(lease_until),
            DeliveryState::Waiting { next_attempt_at } => Some(next_attempt_at),
            DeliveryState::Delivered { .. } | DeliveryState::Abandoned { .. } => None,
        }
    }

    /// When it was settled.
    #[must_use]
    pub const fn settled_at(&self) -> Option<Timestamp> {
        match self.state {
            DeliveryState::Attempting { .. } | DeliveryState::Waiting { .. } => None,
            DeliveryState::Delivered { at } | DeliveryState::Abandoned { at, .. } => Some(at),
        }
    }

    /// Whether an attempt can be claimed at `now`.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due_at().is_some_and(|due_at| due_at <= now)
    }

    /// Claims the next attempt for `lease`, which must be longer than a function may run.
    pub fn claim(&mut self, now: Timestamp, lease: Duration) {
        self.attempt = self.attempt.saturating_add(1);
        self.state = DeliveryState::Attempting {
            lease_until: now.plus(lease),
        };
    }

    /// Records what came of `attempt`. Answers whether that attempt still was the one that counts.
    pub fn record(&mut self, attempt: u32, verdict: MessageVerdict, now: Timestamp) -> bool {
        let is_held = matches!(self.state, DeliveryState::Attempting { .. }) && self.attempt == attempt;
        if is_held {
            self.state = match verdict {
                MessageVerdict::Delivered => DeliveryState::Delivered { at: now },
                MessageVerdict::Aborted => abandoned(AbandonedBecause::AskedByReceiver, now),
                MessageVerdict::Failed { retry_after } => match until_next_attempt(attempt, retry_after) {
                    Some(wait) => DeliveryState::Waiting {
                        next_attempt_at: now.plus(wait),
                    },
                    None => abandoned(AbandonedBecause::Exhausted, now),
                },
            };
        }
        is_held
    }

    /// It is not tried any more.
    pub const fn abandon(&mut self, because: AbandonedBecause, now: Timestamp) {
        self.state = abandoned(because, now);
    }
}

const fn abandoned(because: AbandonedBecause, at: Timestamp) -> DeliveryState {
    DeliveryState::Abandoned { at, because }
}

/// How long to wait after `attempts` attempts, the last of which failed; `None`: that was the last one. The receiver's own wish may
/// make it longer, within bounds.
#[must_use]
pub fn until_next_attempt(attempts: u32, retry_after: Option<Duration>) -> Option<Duration> {
    let index = usize::try_from(attempts).ok()?.checked_sub(1)?;
    let usual = *SCHEDULE.get(index)?;
    Some(usual.max(retry_after.unwrap_or_default().min(LONGEST_WAIT)))
}
