//! Everything in the table, out and in again: to move, and for drills. The only scan; no function may do it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use super::{
    Store,
    error::{StoreError, WriteError, condition},
    item::{Item, attribute},
    keys::MANAGER_PARTITION,
};

/// Where a page starts: behind this item.
#[derive(Clone, Debug)]
pub struct ExportStart(Item);

/// A part of what is in the table.
#[derive(Clone, Debug)]
pub struct ExportPage {
    /// The items, in DynamoDB's own JSON: `{"pk": {"S": "..."}, ...}`.
    pub items: Vec<Value>,
    /// Where the next page starts; `None`: this is the last.
    pub next: Option<ExportStart>,
}

/// What is done where an item is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// It stays as it is.
    Keep,
    /// It is written over.
    Replace,
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// It is in the table now.
    Written,
    /// Another one was there, and still is.
    Kept,
}

impl Store {
    /// A page of everything: what credential managers lend us (tokens) and count (calls) excepted, which is nobody else's and void in minutes.
    /// Eventually consistent, half a read unit for 4 KB; whoever wants one moment stops the functions first.
    pub async fn export(&self, start: Option<ExportStart>, limit: u16) -> Result<ExportPage, StoreError> {
        let request = self.client.scan().table_name(&self.table).limit(i32::from(limit));
        let page = Box::pin(request.set_exclusive_start_key(start.map(|start| start.0)).send()).await?;
        let items = page.items.unwrap_or_default().into_iter().filter(|item| !is_lent(item));
        Ok(ExportPage {
            items: items.map(written).collect::<Result<_, _>>()?,
            next: page.last_evaluated_key.map(ExportStart),
        })
    }

    /// Puts an exported item into the table. Like every write it leaves a record in the stream, so that whoever it concerns is looked at.
    pub async fn import(&self, item: &Value, on_conflict: OnConflict) -> Result<Imported, StoreError> {
        let item = read(item)?;
        let request = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let request = match on_conflict {
            OnConflict::Replace => request,
            OnConflict::Keep => request
                .condition_expression("attribute_not_exists(#pk)")
                .expression_attribute_names("#pk", attribute::PARTITION),
        };
        match Box::pin(request.send()).await.map_err(condition) {
            Ok(_) => Ok(Imported::Written),
            Err(WriteError::Conflict) => Ok(Imported::Kept),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

fn is_lent(item: &Item) -> bool {
    let partition = item.get(attribute::PARTITION).and_then(|value| value.as_s().ok());
    partition.is_some_and(|partition| partition.starts_with(MANAGER_PARTITION))
}

fn written(item: Item) -> Result<Value, StoreError> {
    let item: serde_dynamo::Item = item.into();
    serde_json::to_value(item).map_err(|error| StoreError::Unwritable(error.to_string()))
}

fn read(item: &Value) -> Result<HashMap<String, AttributeValue>, StoreError> {
    let unreadable = |reason: &str| StoreError::Unreadable {
        key: "of the import".to_owned(),
        reason: reason.to_owned(),
    };
    // Of the error only the kind: its text may hold a value.
    let item: serde_dynamo::Item = serde_json::from_value(item.clone()).map_err(|_| unreadable("it is not DynamoDB's JSON"))?;
    let item: HashMap<String, AttributeValue> = item.into();
    let has_key = [attribute::PARTITION, attribute::ITEM]
        .iter()
        .all(|name| item.get(*name).is_some_and(AttributeValue::is_s));
    has_key.then_some(item).ok_or_else(|| unreadable("it has no key"))
}
