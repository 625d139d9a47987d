//! Scans: everything in the table, page by page, in the order of the keys.

use serde_json::Value;

use crate::{
    capacity,
    page::Page,
    query::{limit, page},
    refusal::Refusal,
    request::item,
    table::Table,
};

/// Answers with a page.
pub(crate) fn scan(table: &Table, name: &str, body: &Value) -> Result<Page, Refusal> {
    let start = body.get("ExclusiveStartKey").filter(|start| !start.is_null());
    let start = start.map(|_| item(body, "ExclusiveStartKey")).transpose()?;
    let (page, bytes) = page(table, &table.definition.key, table.behind(start.as_ref()), limit(body)?, None);
    let cost = capacity::consumed(body, name, capacity::of_read(bytes, body));
    Ok(Page { cost, ..page })
}
