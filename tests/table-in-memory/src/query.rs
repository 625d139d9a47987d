//! Queries, of the table and of its indexes, page by page.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    attribute::Item,
    capacity,
    definition::KeySchema,
    expression::{Condition, Placeholders},
    refusal::Refusal,
    request::{item, text},
    stored::{Stored, text_of},
    table::Table,
};

/// What is read for one answer, at most.
const LARGEST_PAGE: usize = 1024 * 1024;

/// Answers with the JSON of a page. It is put together from the items' own, since most of what is asked of a table is to be read.
pub(crate) fn query(table: &Table, name: &str, body: &Value) -> Result<String, Refusal> {
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
    let limit = match body.get("Limit").and_then(Value::as_u64) {
        Some(0) => return Err(Refusal::validation("Limit must be greater than or equal to 1")),
        limit => limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX)),
    };
    let (page, bytes) = page(table, schema, found, limit, filter.as_ref());
    let cost = capacity::consumed(body, name, capacity::of_read(bytes, body));
    let cost = cost.map_or_else(String::new, |cost| format!(r#","ConsumedCapacity":{cost}"#));
    Ok(format!("{{{page}{cost}}}"))
}

/// The fields of the answer, and how many bytes were read for it.
fn page(table: &Table, schema: &KeySchema, found: Vec<Arc<Stored>>, limit: usize, filter: Option<&Condition>) -> (String, usize) {
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
    let texts: Vec<&str> = items.iter().map(|item| item.text()).collect();
    let counts = format!(r#""Count":{},"ScannedCount":{read}"#, items.len());
    // A page that is full by its limit has a next one even where nothing is left.
    let last = last.filter(|_| read < total || read == limit);
    let next = last.map_or_else(String::new, |last| {
        let mut key = schema.key_of(&last).unwrap_or_default();
        key.extend(table.definition.key.key_of(&last).unwrap_or_default());
        format!(r#","LastEvaluatedKey":{}"#, text_of(&key))
    });
    (format!(r#"{counts},"Items":[{}]{next}"#, texts.join(",")), bytes)
}
