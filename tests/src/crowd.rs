//! Many people at once: copies of one person, written straight into the table, since making each by the API would take too long.

use fobless_local::TABLE;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::RawTable;

/// How many items one request may write.
const ITEMS_PER_REQUEST: usize = 25;
const REQUESTS_AT_ONCE: usize = 8;

/// Copies of one person.
pub struct Crowd {
    table: RawTable,
    /// The person's items, as text.
    pattern: Vec<String>,
    /// What each copy has of its own.
    ids: Vec<String>,
}

impl Crowd {
    /// Copies of the person whose partition it is, in the table at `dynamodb`. `ids` are the person's own ids: each copy gets others.
    pub async fn of(dynamodb: &str, partition: &str, ids: Vec<String>) -> Self {
        let table = RawTable::at(dynamodb);
        let items = table.items(partition).await;
        let crowd = Self {
            pattern: items.iter().map(Value::to_string).collect(),
            table,
            ids,
        };
        assert!(!crowd.pattern.is_empty(), "nobody at {partition}");
        crowd
    }

    /// Adds so many copies. Answers the ids of each, in the order of the pattern's.
    pub async fn add(&self, count: usize) -> Vec<Vec<String>> {
        let copies: Vec<Vec<String>> = (0..count)
            .map(|_| self.ids.iter().map(|_| Uuid::now_v7().to_string()).collect())
            .collect();
        let items: Vec<Value> = copies.iter().flat_map(|ids| self.copy(ids)).collect();
        let writes = items.chunks(ITEMS_PER_REQUEST).map(|chunk| {
            let puts: Vec<Value> = chunk.iter().map(|item| json!({"PutRequest": {"Item": item}})).collect();
            async move {
                let answer = self.table.send("BatchWriteItem", &json!({"RequestItems": {TABLE: puts}})).await;
                let left_over = answer["UnprocessedItems"].as_object().map_or(0, serde_json::Map::len);
                if left_over == 0 { Ok(()) } else { Err(answer) }
            }
        });
        let written: Result<Vec<()>, Value> = stream::iter(writes).buffer_unordered(REQUESTS_AT_ONCE).try_collect().await;
        written.expect("everything is written");
        copies
    }

    fn copy(&self, ids: &[String]) -> Vec<Value> {
        let renamed = self.pattern.iter().map(|item| {
            let pairs = self.ids.iter().zip(ids);
            pairs.fold(item.clone(), |item, (old, new)| item.replace(old, new))
        });
        renamed.map(|item| serde_json::from_str(&item).expect("an item")).collect()
    }
}
