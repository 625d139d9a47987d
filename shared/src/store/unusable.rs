//! What was left alone since something of it can't be read or written: a mark for each, and the way back.
//!
//! A record of the stream counts as done even then, or it would hold up its shard. The mark is what is left of it for an operator, who
//! redrives it once the cause is gone: it is woken through the stream, as by any other change.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use super::{
    Store,
    error::{StoreError, WriteError, condition},
    item::{Record, attribute, from_item, key_attributes},
    keys::{Key, PartitionOwner},
    single_update,
};
use crate::domain::{happenings::Tells, time::Timestamp};

/// All marks stand in one partition: there are few, and whoever looks wants to see them all.
const PARTITION: &str = "UNUSABLE";
/// How long a mark is kept after its thing was last met. What is woken anyway, by its time, and was well then, needs nobody to say so.
const KEPT: Duration = Duration::from_hours(30 * 24);
/// The longest name that a key can hold, in bytes, less some room.
const LONGEST_NAME: usize = 900;

/// The mark of a thing that can't be worked on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unusable {
    /// What it is: a user identity's partition, an item as `partition/item`, or a record of the stream by its number.
    pub name: String,
    /// Why, in words for an operator: names of fields, no values.
    pub reason: String,
    /// When it was first met.
    pub since: Timestamp,
    /// When it was last met.
    pub seen_at: Timestamp,
    /// How often it was met.
    pub times: u64,
}

/// What became of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redriven {
    /// Its thing is on its way through the stream again.
    Woken,
    /// There is nothing that could be woken: it is gone, or wakes by itself. The mark is taken away.
    NothingToWake,
}

impl Tells for Unusable {}

impl Record for Unusable {
    fn key(&self) -> Key {
        place(&self.name)
    }
}

fn place(name: &str) -> Key {
    Key {
        partition: PARTITION.to_owned(),
        item: cut(name).to_owned(),
    }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_NAME)]
}

impl Store {
    /// Marks a thing, or says of a marked one that it was met again. One write, whatever was there.
    pub async fn mark_unusable(&self, name: &str, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        let key = place(name);
        let kept_until = now.plus(KEPT).millis().div_euclid(1000);
        let number = |value: i64| AttributeValue::N(value.to_string());
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .update_expression(
                "SET #name = :name, reason = :reason, since = if_not_exists(since, :now), seen_at = :now, #expires_at = :kept_until \
                 ADD times :one, #version :one",
            )
            .expression_attribute_names("#name", "name")
            .expression_attribute_names("#expires_at", attribute::EXPIRES_AT)
            .expression_attribute_names("#version", attribute::VERSION)
            .expression_attribute_values(":name", AttributeValue::S(key.item.clone()))
            .expression_attribute_values(":reason", AttributeValue::S(cut(reason).to_owned()))
            .expression_attribute_values(":now", number(now.millis()))
            .expression_attribute_values(":kept_until", number(kept_until))
            .expression_attribute_values(":one", number(1))
            .set_key(Some(key_attributes(key)));
        match single_update::send(update, &self.clock).await {
            Ok(_) => Ok(()),
            Err(WriteError::Conflict) => Err(StoreError::Unavailable(
                "a write without a condition failed its condition".to_owned(),
            )),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// All marks.
    pub async fn unusable(&self) -> Result<Vec<Unusable>, StoreError> {
        let items = self.query_partition(PARTITION.to_owned(), "").await?;
        items.into_iter().map(|item| from_item(item).map(|found| found.record)).collect()
    }

    /// Wakes the marked thing and takes its mark away, unless it was met again meanwhile: then the mark is a new one, and stays.
    pub async fn redrive(&self, mark: &Unusable, now: Timestamp) -> Result<Redriven, StoreError> {
        let redriven = match PartitionOwner::of_partition(&mark.name) {
            Some(owner) => self.wake_person(owner, now).await?,
            // What is no person's waits for a time of its own: it comes now.
            None => match mark.name.split_once('/') {
                Some((partition, item)) => {
                    let key = Key {
                        partition: partition.to_owned(),
                        item: item.to_owned(),
                    };
                    self.wake(key, attribute::DUE_AT, attribute::DUE_AT, now).await?
                }
                None => Redriven::NothingToWake,
            },
        };
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(mark.key())))
            .condition_expression("seen_at = :seen")
            .expression_attribute_values(":seen", AttributeValue::N(mark.seen_at.millis().to_string()));
        match delete.send().await.map_err(condition) {
            Ok(_) | Err(WriteError::Conflict) => Ok(redriven),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Wakes a person: whatever there is to do about them is looked at now.
    pub async fn wake_person(&self, owner: PartitionOwner, now: Timestamp) -> Result<Redriven, StoreError> {
        self.wake(owner.identity(), "redriven_at", attribute::PARTITION, now).await
    }

    /// Changes an item without reading it, where it has the attribute `present`, so that the stream tells of it.
    async fn wake(&self, key: Key, written: &str, present: &str, now: Timestamp) -> Result<Redriven, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(key)))
            .update_expression("SET #written = :now")
            .condition_expression("attribute_exists(#present)")
            .expression_attribute_names("#written", written)
            .expression_attribute_names("#present", present)
            .expression_attribute_values(":now", AttributeValue::N(now.millis().to_string()));
        match single_update::send(update, &self.clock).await {
            Ok(_) => Ok(Redriven::Woken),
            Err(WriteError::Conflict) => Ok(Redriven::NothingToWake),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_name_is_a_key_whatever_its_letters_are() {
        let item = place(&format!("USER#{}", "\u{fc}".repeat(1021))).item;
        assert!(item.len() <= 1024 && item.starts_with("USER#\u{fc}"), "{} bytes", item.len());
    }
}
