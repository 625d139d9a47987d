//! Webhooks, which live in their workspace's partition, and deliveries, each in a partition of its own: the queue of what is to be sent
//! is the table itself. And what a record of the table's stream says to the sender of webhooks.

use std::time::Duration;

use super::{
    Store,
    error::StoreError,
    event_keys,
    item::{Record, Subject, from_item},
    keys::{Key, prefix, workspace_of_partition, workspace_partition},
    records::expires_once_gone,
};
use crate::domain::{
    happenings::Tells,
    ids::{EventId, WebhookId, WorkspaceId},
    time::Timestamp,
    webhook::Webhook,
    webhook_delivery::WebhookDelivery,
};

/// How long a delivery is kept once it is settled: as long as its event, so that nothing begins it anew.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// The beginning of a delivery's partition.
pub(super) const DELIVERY_PARTITION: &str = "DELIVERY#";
const DELIVERY_ITEM: &str = "DELIVERY";

impl Record for Webhook {
    fn key(&self) -> Key {
        Key::webhook(self.workspace_id, self.webhook_id)
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.is_enabled().then_some(self.review_at)
    }

    fn subject(&self) -> Option<Subject> {
        Some(Subject {
            workspace_id: self.workspace_id,
            user_identity_id: None,
        })
    }

    fn expires_at(&self) -> Option<Timestamp> {
        expires_once_gone(self)
    }
}

impl Tells for WebhookDelivery {}

impl Record for WebhookDelivery {
    fn key(&self) -> Key {
        Key::webhook_delivery(self.webhook_id, self.event_id)
    }

    fn due_at(&self) -> Option<Timestamp> {
        Self::due_at(self)
    }

    /// One that is never settled goes as well: its event is long gone then.
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.settled_at().unwrap_or_else(|| self.created_at.plus(KEPT)).plus(KEPT))
    }
}

impl Key {
    /// A webhook.
    #[must_use]
    pub fn webhook(workspace: WorkspaceId, id: WebhookId) -> Self {
        Self {
            partition: workspace_partition(workspace),
            item: format!("{}{id}", prefix::WEBHOOK),
        }
    }

    /// The one delivery of an event to a webhook.
    #[must_use]
    pub fn webhook_delivery(webhook: WebhookId, event: EventId) -> Self {
        Self {
            partition: format!("{DELIVERY_PARTITION}{webhook}#{event}"),
            item: DELIVERY_ITEM.to_owned(),
        }
    }
}

/// What the sender of webhooks may have to do about an item, by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookWork {
    /// An event is to be told to whoever wants it.
    Tell {
        /// Whose event.
        workspace_id: WorkspaceId,
        /// Which event.
        event_id: EventId,
    },
    /// A delivery may be due.
    Attempt {
        /// To which webhook.
        webhook_id: WebhookId,
        /// Of which event.
        event_id: EventId,
    },
    /// The review of a webhook may be due.
    Review {
        /// Whose webhook.
        workspace_id: WorkspaceId,
        /// Which webhook.
        webhook_id: WebhookId,
    },
}

impl WebhookWork {
    /// What an item is to the sender; `None`: nothing.
    #[must_use]
    pub fn of_key(partition: &str, item: &str) -> Option<Self> {
        if let Some(workspace_id) = event_keys::workspace_of_partition(partition) {
            let event_id = item.parse().ok()?;
            return Some(Self::Tell { workspace_id, event_id });
        }
        if let Some(ids) = partition.strip_prefix(DELIVERY_PARTITION) {
            let (webhook, event) = ids.split_once('#')?;
            return Some(Self::Attempt {
                webhook_id: webhook.parse().ok()?,
                event_id: event.parse().ok()?,
            });
        }
        Some(Self::Review {
            workspace_id: workspace_of_partition(partition)?,
            webhook_id: item.strip_prefix(prefix::WEBHOOK)?.parse().ok()?,
        })
    }
}

impl Store {
    /// The webhooks of a workspace, in the order in which they were made, those that are gone among them. One that can't be read is left
    /// out: it must not keep the others from being told.
    pub async fn webhooks(&self, workspace: WorkspaceId) -> Result<Vec<Webhook>, StoreError> {
        let items = self.query_partition(workspace_partition(workspace), prefix::WEBHOOK).await?;
        let read = |item| {
            let read = from_item::<Webhook>(item);
            read.inspect_err(|error| tracing::error!(%error, "skipped a webhook"))
                .ok()
                .map(|read| read.record)
        };
        Ok(items.into_iter().filter_map(read).collect())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::event_types::EventTypes;
    use crate::domain::{secret::Secret, webhook::WebhookUrl};

    const WORKSPACE: WorkspaceId = WorkspaceId::new(Uuid::from_u128(1));
    const WEBHOOK: WebhookId = WebhookId::new(Uuid::from_u128(2));
    const EVENT: EventId = EventId::new(Uuid::from_u128(3));

    fn of(key: &Key) -> Option<WebhookWork> {
        WebhookWork::of_key(&key.partition, &key.item)
    }

    #[test]
    fn a_key_says_what_there_is_to_do() {
        let (workspace_id, webhook_id, event_id) = (WORKSPACE, WEBHOOK, EVENT);
        assert_eq!(
            of(&event_keys::key(WORKSPACE, 0, EVENT)),
            Some(WebhookWork::Tell { workspace_id, event_id })
        );
        assert_eq!(
            of(&Key::webhook_delivery(WEBHOOK, EVENT)),
            Some(WebhookWork::Attempt { webhook_id, event_id })
        );
        assert_eq!(
            of(&Key::webhook(WORKSPACE, WEBHOOK)),
            Some(WebhookWork::Review { workspace_id, webhook_id })
        );
        assert_eq!(of(&Key::api_key("00")), None);
        for (partition, item) in [
            ("EVENTS#x#2024-01-11", "y"),
            ("DELIVERY#x", "DELIVERY"),
            ("WORKSPACE#x", "WEBHOOK#y"),
            ("", ""),
        ] {
            assert_eq!(WebhookWork::of_key(partition, item), None, "{partition}/{item}");
        }
    }

    #[test]
    fn a_webhook_is_due_for_review_while_it_is_told_anything() {
        let now = Timestamp::from_millis(1_704_969_745_848);
        let url = WebhookUrl::new("https://receiver.example");
        let mut webhook = Webhook::new(WORKSPACE, WEBHOOK, url, EventTypes::All, Secret::new("s"), now);
        assert_eq!(Record::due_at(&webhook), Some(now.plus(Duration::from_hours(1))));
        assert_eq!(Record::expires_at(&webhook), None);
        webhook.delete(now);
        assert_eq!(Record::due_at(&webhook), None);
        assert_eq!(Record::expires_at(&webhook), Some(now.plus(KEPT)));
    }

    #[test]
    fn every_record_survives_the_table() {
        let now = Timestamp::from_millis(1_704_969_745_848);
        let mut webhook = Webhook::new(
            WORKSPACE,
            WEBHOOK,
            WebhookUrl::new("https://receiver.example"),
            EventTypes::All,
            Secret::new("s"),
            now,
        );
        webhook.health = webhook.health.after_failure(now).unwrap();
        let item = super::super::item::to_item(&webhook, 1).unwrap();
        assert_eq!(from_item::<Webhook>(item).unwrap().record, webhook);
        let delivery = WebhookDelivery::claimed(WORKSPACE, WEBHOOK, EVENT, now, Duration::from_secs(90));
        let item = super::super::item::to_item(&delivery, 1).unwrap();
        assert_eq!(from_item::<WebhookDelivery>(item).unwrap().record, delivery);
    }
}
