//! Records to items and back. The record's fields stand at the item's top level, beside what the table itself needs.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    error::StoreError,
    keys::{Key, Listing, PartitionOwner},
    unique::UniqueKey,
    webhooks::DELIVERY_PARTITION,
};
use crate::domain::{
    aggregate::Versioned,
    happenings::Tells,
    ids::{UserIdentityId, WorkspaceId},
    time::Timestamp,
};

/// An item as the SDK has it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// The names of the attributes that are the table's own.
pub(super) mod attribute {
    pub(crate) const PARTITION: &str = "pk";
    pub(crate) const ITEM: &str = "sk";
    pub(crate) const VERSION: &str = "version";
    pub(crate) const DUE_SHARD: &str = "due_shard";
    pub(crate) const DUE_AT: &str = "due_at";
    pub(crate) const COLLECTION: &str = "collection";
    pub(crate) const COLLECTION_ID: &str = "collection_id";
    pub(crate) const EXPIRES_AT: &str = "expires_at";
    /// How far a deletion has come: `Deletable` in the domain, whose fields stand in the item by their names.
    pub(crate) const DELETION: &str = "deletion";
    pub(crate) const GONE_AT: &str = "gone_at";
    pub(crate) const HOLDS_UNTIL: &str = "holds_until";
}

/// The due index is spread over this many partitions, so that a crowd of due items does not fall on one.
const DUE_SHARDS: u8 = 8;
/// Webhook deliveries have partitions of their own: a pass takes so many items from each, and a receiver that is down must not put its
/// crowd before the phones.
const DUE_DELIVERY_SHARDS: u8 = 4;

const DUE: &str = "DUE";
const DUE_DELIVERIES: &str = "DUE_DELIVERIES";

/// A record that has a place in the table.
pub trait Record: Tells + Serialize + DeserializeOwned + Clone + Send + Sync {
    /// Where it lives.
    fn key(&self) -> Key;

    /// When it has to be looked at though nothing happens; `None` keeps it out of the due index.
    fn due_at(&self) -> Option<Timestamp> {
        None
    }

    /// Where it is listed; `None` keeps it out of the index by id.
    fn listing(&self) -> Option<Listing> {
        None
    }

    /// When DynamoDB may remove it; `None`: never. Housekeeping only: it lags by days, so whoever shows the record compares with the
    /// clock.
    fn expires_at(&self) -> Option<Timestamp> {
        None
    }

    /// The values that only it may hold. They are claimed and given up with it in a [`Transaction`](super::Transaction); once it is
    /// gone it holds none.
    fn claims(&self) -> Vec<UniqueKey> {
        Vec::new()
    }

    /// Until when it holds the values that only one record may hold; `None`: for as long as it is there. Whoever wants such a value
    /// later may have it.
    fn holds_until(&self) -> Option<Timestamp> {
        None
    }

    /// Whom the events of its changes are about; `None`: there are none to tell.
    fn subject(&self) -> Option<Subject> {
        PartitionOwner::of_partition(&self.key().partition).map(|owner| Subject {
            workspace_id: owner.workspace_id,
            user_identity_id: Some(owner.user_identity_id),
        })
    }
}

/// Whom events are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The tenant, who is told.
    pub workspace_id: WorkspaceId,
    /// The person, where it is about one.
    pub user_identity_id: Option<UserIdentityId>,
}

/// The item of a record.
pub(super) fn to_item<R: Record>(record: &R, version: u64) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::aws_sdk_dynamodb_1::to_item(record).map_err(|error| StoreError::Unwritable(error.to_string()))?;
    let key = record.key();
    if let Some(due_at) = record.due_at() {
        item.insert(attribute::DUE_SHARD.to_owned(), AttributeValue::S(due_shard(&key.partition)));
        item.insert(attribute::DUE_AT.to_owned(), AttributeValue::N(due_at.millis().to_string()));
    }
    if let Some(listing) = record.listing() {
        item.insert(attribute::COLLECTION.to_owned(), AttributeValue::S(listing.collection));
        item.insert(attribute::COLLECTION_ID.to_owned(), AttributeValue::S(listing.id));
    }
    if let Some(expires_at) = record.expires_at() {
        // DynamoDB wants seconds.
        let seconds = expires_at.millis().div_euclid(1000);
        item.insert(attribute::EXPIRES_AT.to_owned(), AttributeValue::N(seconds.to_string()));
    }
    if let Some(holds_until) = record.holds_until() {
        item.insert(
            attribute::HOLDS_UNTIL.to_owned(),
            AttributeValue::N(holds_until.millis().to_string()),
        );
    }
    item.insert(attribute::VERSION.to_owned(), AttributeValue::N(version.to_string()));
    item.insert(attribute::PARTITION.to_owned(), AttributeValue::S(key.partition));
    item.insert(attribute::ITEM.to_owned(), AttributeValue::S(key.item));
    Ok(item)
}

/// The record of an item, with its version.
pub(super) fn from_item<R: Record>(item: Item) -> Result<Versioned<R>, StoreError> {
    let version = item
        .get(attribute::VERSION)
        .and_then(|value| value.as_n().ok())
        .and_then(|text| text.parse().ok());
    let key = key_of(&item);
    let unreadable = |reason: String| StoreError::Unreadable {
        key: key.to_string(),
        reason,
    };
    let record: R = serde_dynamo::aws_sdk_dynamodb_1::from_item(item).map_err(|error| unreadable(without_values(&error.to_string())))?;
    // What is written of it would go to another place, and what is planned from it come again for ever.
    if record.key() != key {
        return Err(unreadable("its contents belong under another key".to_owned()));
    }
    // Nothing could ever be written over it.
    let version = version.ok_or_else(|| unreadable("it has no version".to_owned()))?;
    Ok(Versioned { record, version })
}

/// What does not fit, in the words of the deserializer less what stands in the item: that may be a code or a token in a place where this
/// version expects something else.
fn without_values(message: &str) -> String {
    // They name fields, or what was expected, and nothing of what was found.
    const HARMLESS: [&str; 3] = ["missing field `", "duplicate field `", "Expected "];
    const KINDS: [&str; 5] = [
        "invalid type",
        "invalid value",
        "invalid length",
        "unknown variant",
        "unknown field",
    ];
    if HARMLESS.iter().any(|beginning| message.starts_with(beginning)) {
        return message.to_owned();
    }
    let Some(kind) = KINDS.iter().find(|kind| message.starts_with(**kind)) else {
        return "a field has a value that is none".to_owned();
    };
    // What was found comes first, whatever stands in it.
    match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("{kind}, expected {expected}"),
        None => (*kind).to_owned(),
    }
}

/// The primary key of an item, of an index entry or of a stream record's keys.
pub(super) fn key_of(item: &Item) -> Key {
    let text = |name| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    Key {
        partition: text(attribute::PARTITION),
        item: text(attribute::ITEM),
    }
}

/// Whether the item's record holds at `now` what only one record may hold.
pub(super) fn is_holding(item: &Item, now: Timestamp) -> bool {
    let until = item.get(attribute::HOLDS_UNTIL).and_then(|value| value.as_n().ok());
    let is_over = until
        .and_then(|text| text.parse().ok())
        .is_some_and(|until: i64| until <= now.millis());
    !is_over && !is_gone(item)
}

/// Whether the deletion of the item's record is complete.
fn is_gone(item: &Item) -> bool {
    let deletion = item.get(attribute::DELETION).and_then(|deletion| deletion.as_m().ok());
    deletion.is_some_and(|deletion| deletion.contains_key(attribute::GONE_AT))
}

/// The key as the SDK wants it.
pub(super) fn key_attributes(key: Key) -> Item {
    HashMap::from([
        (attribute::PARTITION.to_owned(), AttributeValue::S(key.partition)),
        (attribute::ITEM.to_owned(), AttributeValue::S(key.item)),
    ])
}

/// Which part of the due index a partition's items stand in. FNV-1a: steady over versions and machines, which `Hash` is not.
pub(super) fn due_shard(partition: &str) -> String {
    let hash = partition.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let (family, shards) = if partition.starts_with(DELIVERY_PARTITION) {
        (DUE_DELIVERIES, DUE_DELIVERY_SHARDS)
    } else {
        (DUE, DUE_SHARDS)
    };
    due_shard_name(family, u8::try_from(hash % u64::from(shards)).unwrap_or_default())
}

/// The names of all parts of the due index.
pub(super) fn due_shards() -> impl Iterator<Item = String> {
    let of_people = (0..DUE_SHARDS).map(|n| due_shard_name(DUE, n));
    of_people.chain((0..DUE_DELIVERY_SHARDS).map(|n| due_shard_name(DUE_DELIVERIES, n)))
}

fn due_shard_name(family: &str, n: u8) -> String {
    format!("{family}#{n}")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{
        ids::DeviceId,
        phone::{Phone, Presence},
        phone_metadata::PhoneMetadata,
    };

    #[test]
    fn an_item_that_does_not_fit_is_described_without_what_stands_in_it() {
        let told = |changed: &str, value: AttributeValue| {
            let phone = Phone {
                workspace_id: WorkspaceId::generate(),
                user_identity_id: UserIdentityId::generate(),
                device_id: DeviceId::new(Uuid::from_u128(1)),
                installation_id: None,
                metadata: PhoneMetadata::default(),
                presence: Presence::Registered,
                occurred_at: Timestamp::from_millis(1),
                registered_at: None,
                created_at: Timestamp::from_millis(1),
                is_listed: true,
                told: None,
            };
            let mut item = to_item(&phone, 1).unwrap();
            item.insert(changed.to_owned(), value);
            match from_item::<Phone>(item) {
                Err(StoreError::Unreadable { reason, .. }) => reason,
                other => panic!("{other:?}"),
            }
        };
        let code = || AttributeValue::S("QJ4E-PXAD-2J5P-7KXX, expected nothing".to_owned());
        assert_eq!(told("presence", code()), "unknown variant, expected `registered` or `deactivated`");
        assert_eq!(told("created_at", code()), "Expected num");
        assert_eq!(told("device_id", code()), "a field has a value that is none");
        assert_eq!(told("metadata", code()), "Expected map");
        assert_eq!(
            told("created_at", AttributeValue::N("7.5".to_owned())),
            "a field has a value that is none"
        );
        assert_eq!(told("version", AttributeValue::S("1".to_owned())), "it has no version");
        let another = AttributeValue::S(Uuid::from_u128(2).to_string());
        assert_eq!(told("device_id", another), "its contents belong under another key");
        let mut item = Item::new();
        item.insert("presence".to_owned(), AttributeValue::S("registered".to_owned()));
        let Err(StoreError::Unreadable { reason, .. }) = from_item::<Phone>(item) else {
            panic!("it is no phone")
        };
        assert!(reason.starts_with("missing field `"), "{reason}");
    }

    #[test]
    fn every_part_of_the_due_index_is_swept_and_deliveries_stand_apart() {
        let swept: Vec<String> = due_shards().collect();
        for n in 0..100 {
            let (person, delivery) = (due_shard(&format!("USER#{n}")), due_shard(&format!("{DELIVERY_PARTITION}{n}")));
            assert!(swept.contains(&person) && swept.contains(&delivery), "{person} {delivery}");
            assert_ne!(person.split('#').next(), delivery.split('#').next());
        }
    }
}
