//! One page of what a query finds: as the wire has it, or as the SDK has it.

use std::sync::Arc;

use aws_sdk_dynamodb::operation::query::QueryOutput;
use serde_json::Value;

use crate::{
    attribute::Item,
    sdk_item::sdk_item,
    stored::{Stored, text_of},
};

/// A page.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) items: Vec<Arc<Stored>>,
    /// How many items were looked at.
    pub(crate) scanned: usize,
    /// Where the next page begins.
    pub(crate) last_key: Option<Item>,
    /// What it cost, where that is asked for.
    pub(crate) cost: Option<Value>,
}

impl Page {
    /// The JSON of the answer. It is put together from the items' own, since most of what is asked of a table is to be read.
    pub(crate) fn text(&self) -> String {
        let texts: Vec<&str> = self.items.iter().map(|item| item.text()).collect();
        let (count, scanned, items) = (self.items.len(), self.scanned, texts.join(","));
        let last_key = self.last_key.as_ref().map(|key| format!(r#","LastEvaluatedKey":{}"#, text_of(key)));
        let cost = self.cost.as_ref().map(|cost| format!(r#","ConsumedCapacity":{cost}"#));
        let (last_key, cost) = (last_key.unwrap_or_default(), cost.unwrap_or_default());
        format!(r#"{{"Count":{count},"ScannedCount":{scanned},"Items":[{items}]{last_key}{cost}}}"#)
    }

    /// What the SDK makes of that text, less the cost; `None` when an item has a type that is not known here.
    pub(crate) fn output(&self) -> Option<QueryOutput> {
        let items = self.items.iter().map(|item| item.sdk_item().cloned()).collect::<Option<Vec<_>>>()?;
        let last_key = match &self.last_key {
            Some(key) => Some(sdk_item(key)?),
            None => None,
        };
        let page = QueryOutput::builder()
            .count(i32::try_from(items.len()).ok()?)
            .scanned_count(i32::try_from(self.scanned).ok()?);
        Some(page.set_items(Some(items)).set_last_evaluated_key(last_key).build())
    }
}
