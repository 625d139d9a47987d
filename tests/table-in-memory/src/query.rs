//! Queries, of the table and of its indexes, page by page.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    attribute::Item,
    capacity,
    definition::KeySchema,
    expression::{Condition, Placeholders},
    page::Page,
    refusal::Refusal,
    request::{item, text},
    stored::Stored,
    table::Table,
};

/// What is read for one answer, at most.
const LARGEST_PAGE: usize = 1024 * 1024;

/// Answers with a page.
pub(crate) fn query(table: &Table, name: &str, body: &Value) -> Result<Page, Refusal> {
    let placeholders = Placeholders::of(body)?;
    let index = text(body, "IndexName").map(|name| table.definition.index(name)).transpose()?;
    let schema = index.unwrap_or(&table.definition.key);
    if index.is_some() && body["ConsistentRead"] == true {
        return Err(Refusal::validation(
            "Consistent reads are not supported on global secondary indexes",
        ));
    }
    let keys = text(body, "KeyConditionExpression").ok_or_else(|| Refusal::validation("KeyConditionExpression is missing"))?;
    let keys = Condition::parse(keys, &placeholders)?;
    let spoken_of = keys.key_attributes().unwrap_or_default();
    if !spoken_of.contains(&schema.partition.name.as_str()) || spoken_of.iter().any(|name| !schema.names(name)) {
        return Err(Refusal::validation(
            "Query condition missed key schema element, or is not supported",
        ));
    }
    let filter = text(body, "FilterExpression")
        .map(|filter| Condition::parse(filter, &placeholders))
        .transpose()?;
    placeholders.all_used()?;

    let partition = keys.equal_to(&schema.partition.name).cloned();
    let partition = partition.ok_or_else(|| Refusal::validation("Query key condition not supported"))?;
    let partition = Item::from_iter([(schema.partition.name.clone(), partition)]);
    let mut found = table.partition(index, &partition);
    found.retain(|item| keys.holds(item));
    let is_backward = body["ScanIndexForward"] == false;
    if is_backward {
        found.reverse();
    }
    if body.get("ExclusiveStartKey").is_some_and(|start| !start.is_null()) {
        let start = item(body, "ExclusiveStartKey")?;
        let behind = if is_backward {
            std::cmp::Ordering::Less
        } else {
            std::cmp::Ordering::Greater
        };
        found.retain(|item| table.order(schema, item, &start) == behind);
    }
    let (page, bytes) = page(table, schema, found, limit(body)?, filter.as_ref());
    let cost = capacity::consumed(body, name, capacity::of_read(bytes, body));
    Ok(Page { cost, ..page })
}

/// How many items a page may have.
pub(crate) fn limit(body: &Value) -> Result<usize, Refusal> {
    match body.get("Limit").and_then(Value::as_u64) {
        Some(0) => Err(Refusal::validation("Limit must be greater than or equal to 1")),
        limit => Ok(limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))),
    }
}

/// A page without its cost, and how many bytes were read for it.
pub(crate) fn page(table: &Table, schema: &KeySchema, found: Vec<Arc<Stored>>, limit: usize, filter: Option<&Condition>) -> (Page, usize) {
    let total = found.len();
    let (mut items, mut read, mut bytes, mut last) = (Vec::new(), 0, 0, None);
    for item in found {
        // The item that exceeds the limit is still in the page.
        if read == limit || bytes > LARGEST_PAGE {
            break;
        }
        read += 1;
        bytes += item.size();
        last = Some(Arc::clone(&item));
        if filter.is_none_or(|filter| filter.holds(&item)) {
            items.push(item);
        }
    }
    // A page that is full by its limit has a next one even where nothing is left.
    let last = last.filter(|_| read < total || read == limit);
    let last_key = last.map(|last| {
        let mut key = schema.key_of(&last).unwrap_or_default();
        key.extend(table.definition.key.key_of(&last).unwrap_or_default());
        key
    });
    let page = Page {
        items,
        scanned: read,
        last_key,
        cost: None,
    };
    (page, bytes)
}
