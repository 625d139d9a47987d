//! Many people at once: copies of one person, written straight into the table, since making each by the API would take too long.

use std::time::Duration;

use fobless_local::TABLE;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};
use uuid::Uuid;

/// How many items one request may write.
const ITEMS_PER_REQUEST: usize = 25;
const REQUESTS_AT_ONCE: usize = 8;

/// Copies of one person.
pub struct Crowd {
    http: reqwest::Client,
    dynamodb: String,
    /// The person's items, as text.
    pattern: Vec<String>,
    /// What each copy has of its own.
    ids: Vec<String>,
}

impl Crowd {
    /// Copies of the person whose partition it is, in the table at `dynamodb`. `ids` are the person's own ids: each copy gets others.
    pub async fn of(dynamodb: &str, partition: &str, ids: Vec<String>) -> Self {
        let http = fobless_local::loopback_client(Duration::from_secs(30)).expect("a client");
        let mut crowd = Self {
            http,
            dynamodb: dynamodb.to_owned(),
            pattern: Vec::new(),
            ids,
        };
        let query = json!({
            "TableName": TABLE,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": partition}},
        });
        let found = crowd.send("Query", &query).await;
        let items = found["Items"].as_array().expect("items");
        crowd.pattern = items.iter().map(Value::to_string).collect();
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
                let answer = self.send("BatchWriteItem", &json!({"RequestItems": {TABLE: puts}})).await;
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

    async fn send(&self, operation: &str, request: &Value) -> Value {
        // The embedded DynamoDB wants to see a signature, whatever it says.
        let request = self
            .http
            .post(&self.dynamodb)
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-date", "20240101T000000Z")
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=local/20240101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
            )
            .body(request.to_string());
        let answer = request.send().await.expect("an answer of DynamoDB");
        let status = answer.status();
        let body = answer.bytes().await.expect("a body");
        assert!(status.is_success(), "{operation}: {status} {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).expect("JSON")
    }
}
