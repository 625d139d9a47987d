//! What a transaction consists of.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::{
    error::BuildError,
    types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem},
};

use super::{
    Store,
    error::StoreError,
    item::{Item, Record, attribute, is_holding, key_attributes, to_item},
    keys::Key,
    transaction::TransactionError,
    unique::{UniqueKey, holder},
    write::{ConditionalPut, FIRST_VERSION},
};
use crate::domain::time::Timestamp;

const IS_FREE: &str = "attribute_not_exists(#pk)";
const IS_HELD_BY: &str = "#holder_partition = :holder_partition AND #holder_item = :holder_item";
const IS_VERSION: &str = "#version = :seen";
const HOLDS_NOTHING: &str = "attribute_not_exists(#pk) OR attribute_exists(#deletion.#gone_at) OR #holds_until <= :now";

/// One change of a transaction.
#[derive(Clone, Debug)]
pub(super) enum Action {
    /// Writes a record, or an event.
    Put(ConditionalPut),
    /// Takes a record from a place that it leaves.
    Remove { key: Key, version: u64 },
    /// Changes nothing, but the record must still be as it was read.
    Keep { key: Key, version: u64 },
    /// Takes a value.
    Claim(Claim),
    /// Gives a value up.
    Release(UniqueKey),
}

/// A value that is taken.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) claim: UniqueKey,
    /// Whose claim is in the way though its record holds nothing any more.
    pub(super) over: Option<UniqueKey>,
}

impl Action {
    /// Whether its condition is about a record, and not about a value.
    pub(super) const fn is_about_a_record(&self) -> bool {
        match self {
            Self::Put(_) | Self::Remove { .. } | Self::Keep { .. } => true,
            Self::Claim(_) | Self::Release(_) => false,
        }
    }

    /// The same for DynamoDB, which takes one part per item: `looked_at` are the holders of values who are looked at already.
    pub(super) fn parts(&self, table: &str, now: Timestamp, looked_at: &mut BTreeSet<Key>) -> Result<Vec<TransactWriteItem>, StoreError> {
        match self {
            Self::Put(put) => Ok(vec![put.clone().within(table)?]),
            Self::Remove { key, version } => {
                let delete = Delete::builder().table_name(table).set_key(Some(key_attributes(key.clone())));
                let delete = delete
                    .condition_expression(IS_VERSION)
                    .expression_attribute_names("#version", attribute::VERSION)
                    .expression_attribute_values(":seen", AttributeValue::N(version.to_string()));
                Ok(vec![TransactWriteItem::builder().delete(delete.build()?).build()])
            }
            Self::Keep { key, version } => {
                let check = ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(key_attributes(key.clone())));
                let check = check
                    .condition_expression(IS_VERSION)
                    .expression_attribute_names("#version", attribute::VERSION)
                    .expression_attribute_values(":seen", AttributeValue::N(version.to_string()));
                Ok(vec![checked(check.build()?)])
            }
            Self::Claim(claim) => claim.parts(table, now, looked_at),
            Self::Release(claim) => {
                // Somebody else's claim stays, and none need not go.
                let delete = Delete::builder().table_name(table).set_key(Some(key_attributes(claim.key())));
                let delete = delete
                    .condition_expression(format!("{IS_FREE} OR ({IS_HELD_BY})"))
                    .set_expression_attribute_names(Some(names()))
                    .set_expression_attribute_values(Some(values(claim)));
                Ok(vec![TransactWriteItem::builder().delete(delete.build()?).build()])
            }
        }
    }
}

impl Claim {
    fn parts(&self, table: &str, now: Timestamp, looked_at: &mut BTreeSet<Key>) -> Result<Vec<TransactWriteItem>, StoreError> {
        let put = Put::builder()
            .table_name(table)
            .set_item(Some(to_item(&self.claim, FIRST_VERSION)?));
        let Some(former) = &self.over else {
            let put = put
                .condition_expression(IS_FREE)
                .expression_attribute_names("#pk", attribute::PARTITION);
            return Ok(vec![TransactWriteItem::builder().put(put.build()?).build()]);
        };
        let put = put
            .condition_expression(format!("{IS_FREE} OR ({IS_HELD_BY})"))
            .set_expression_attribute_names(Some(names()))
            .set_expression_attribute_values(Some(values(former)));
        let put = TransactWriteItem::builder().put(put.build()?).build();
        if former.holder() == self.claim.holder() || !looked_at.insert(former.holder()) {
            return Ok(vec![put]);
        }
        // A record that came back meanwhile has what it had.
        let check = ConditionCheck::builder()
            .table_name(table)
            .set_key(Some(key_attributes(former.holder())));
        let check = check
            .condition_expression(HOLDS_NOTHING)
            .expression_attribute_names("#pk", attribute::PARTITION)
            .expression_attribute_names("#deletion", attribute::DELETION)
            .expression_attribute_names("#gone_at", attribute::GONE_AT)
            .expression_attribute_names("#holds_until", attribute::HOLDS_UNTIL)
            .expression_attribute_values(":now", AttributeValue::N(now.millis().to_string()));
        Ok(vec![put, checked(check.build()?)])
    }
}

impl Store {
    /// What becomes of an action about a value that was refused. `None`: nothing is left of it.
    pub(super) async fn reconsider(&self, action: Action) -> Result<Option<Action>, TransactionError> {
        match action {
            Action::Claim(Claim { claim, .. }) => {
                let Some(present) = self.get::<UniqueKey>(claim.key()).await? else {
                    return Ok(Some(Action::Claim(Claim { claim, over: None })));
                };
                let present = present.record;
                if present.holder() == claim.holder() || !self.holds_anything(&present).await? {
                    let over = Some(present);
                    return Ok(Some(Action::Claim(Claim { claim, over })));
                }
                Err(TransactionError::Taken(claim.kind))
            }
            // It is somebody else's.
            Action::Release(_) => Ok(None),
            Action::Put(_) | Action::Remove { .. } | Action::Keep { .. } => Ok(Some(action)),
        }
    }

    /// Whether the record that a claim names is there. One whose deletion is complete, or whose time is over, is kept for a while, but
    /// holds nothing any more.
    async fn holds_anything(&self, claim: &UniqueKey) -> Result<bool, StoreError> {
        let request = self.client.get_item().table_name(&self.table).consistent_read(true);
        let found = request.set_key(Some(key_attributes(claim.holder()))).send().await?;
        Ok(found.item.is_some_and(|item| is_holding(&item, self.clock.now())))
    }
}

fn checked(check: ConditionCheck) -> TransactWriteItem {
    TransactWriteItem::builder().condition_check(check).build()
}

fn names() -> HashMap<String, String> {
    [
        ("#pk", attribute::PARTITION),
        ("#holder_partition", holder::PARTITION),
        ("#holder_item", holder::ITEM),
    ]
    .into_iter()
    .map(|(placeholder, name)| (placeholder.to_owned(), name.to_owned()))
    .collect()
}

fn values(claim: &UniqueKey) -> Item {
    let key = claim.holder();
    Item::from([
        (":holder_partition".to_owned(), AttributeValue::S(key.partition)),
        (":holder_item".to_owned(), AttributeValue::S(key.item)),
    ])
}

impl From<BuildError> for StoreError {
    fn from(error: BuildError) -> Self {
        Self::Unwritable(error.to_string())
    }
}
