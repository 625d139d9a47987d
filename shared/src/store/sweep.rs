//! What the sweeper needs: the items whose time has come, and the touch that wakes whoever has to act: the issuer, or the sender of webhooks.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Store,
    error::{StoreError, WriteError},
    item::{attribute, due_shards, key_attributes, key_of},
    keys::Key,
    single_update,
    table::DUE_INDEX,
};
use crate::domain::{
    retry::{FIRST_LOOK, LEASE},
    time::Timestamp,
};

/// How long a touched item is left alone: long enough for the issuer to act on the touch and set the item's next time itself. What was held
/// when it was touched first (`Effort::touch_at`) is free at the next touch, should nobody have let go of it.
const TOUCH_REST: Duration = LEASE.saturating_sub(FIRST_LOOK);

/// An item whose time comes at `due_at`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueItem {
    /// Which item.
    pub key: Key,
    /// When, as the index had it.
    pub due_at: Timestamp,
}

impl Store {
    /// The items that are due by `until`, earliest first, at most `limit` per part of the index. The index lags behind: one
    /// that is shown may have been done, one that was just written may not be shown yet.
    pub async fn due(&self, until: Timestamp, limit: u16) -> Result<Vec<DueItem>, StoreError> {
        let shards = due_shards().map(|shard| self.due_in_shard(shard, until, limit));
        let mut due = Vec::new();
        for found in futures_util::future::join_all(shards).await {
            due.extend(found?);
        }
        due.sort_by_key(|item| item.due_at);
        Ok(due)
    }

    async fn due_in_shard(&self, shard: String, until: Timestamp, limit: u16) -> Result<Vec<DueItem>, StoreError> {
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(DUE_INDEX)
            .key_condition_expression("#shard = :shard AND #due_at <= :until")
            .expression_attribute_names("#shard", attribute::DUE_SHARD)
            .expression_attribute_names("#due_at", attribute::DUE_AT)
            .expression_attribute_values(":shard", AttributeValue::S(shard))
            .expression_attribute_values(":until", AttributeValue::N(until.millis().to_string()))
            .limit(i32::from(limit));
        let answer = Box::pin(request.send()).await?;
        let read = |item| {
            let due_at = super::item::Item::get(&item, attribute::DUE_AT)?.as_n().ok()?.parse().ok()?;
            Some(DueItem {
                key: key_of(&item),
                due_at: Timestamp::from_millis(due_at),
            })
        };
        Ok(answer.items.unwrap_or_default().into_iter().filter_map(read).collect())
    }

    /// Touches an item that is due, which leaves a record in the stream and so wakes the issuer. Answers whether it was still due:
    /// the item itself is asked, not the index.
    ///
    /// The version stays, since the contents do: the issuer's own write may go over a touch.
    pub async fn touch(&self, item: &DueItem, now: Timestamp) -> Result<bool, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(item.key.clone())))
            .update_expression("SET #due_at = :rest")
            .condition_expression("#due_at = :seen")
            .expression_attribute_names("#due_at", attribute::DUE_AT)
            .expression_attribute_values(":seen", AttributeValue::N(item.due_at.millis().to_string()))
            .expression_attribute_values(":rest", AttributeValue::N(now.plus(TOUCH_REST).millis().to_string()));
        match single_update::send(update, &self.clock).await {
            Ok(_) => Ok(true),
            Err(WriteError::Conflict) => Ok(false),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}
