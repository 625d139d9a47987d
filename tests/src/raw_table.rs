//! The table as nobody of ours would write it: requests to DynamoDB that are put together by hand.

use std::time::Duration;

use fobless_local::TABLE;
use serde_json::{Value, json};

/// The table, without the store before it.
#[derive(Clone, Debug)]
pub struct RawTable {
    http: reqwest::Client,
    dynamodb: String,
}

impl RawTable {
    /// The table at this DynamoDB.
    #[must_use]
    pub fn at(dynamodb: &str) -> Self {
        let http = fobless_local::loopback_client(Duration::from_secs(30)).expect("a client");
        Self {
            http,
            dynamodb: dynamodb.to_owned(),
        }
    }

    /// The items of a partition.
    pub async fn items(&self, partition: &str) -> Vec<Value> {
        let query = json!({
            "TableName": TABLE,
            "ConsistentRead": true,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": partition}},
        });
        let found = self.send("Query", &query).await;
        found["Items"].as_array().expect("items").clone()
    }

    /// The one item of a partition whose name begins so.
    pub async fn item(&self, partition: &str, name: &str) -> Value {
        let items = self.items(partition).await;
        let mut found = items
            .into_iter()
            .filter(|item| item["sk"]["S"].as_str().is_some_and(|found| found.starts_with(name)));
        let item = found.next().expect("an item of that name");
        assert_eq!(found.next(), None, "one item of that name");
        item
    }

    /// Puts an item over whatever is there. Answers whether DynamoDB takes it.
    pub async fn put(&self, item: &Value) -> bool {
        self.answer_to("PutItem", &json!({"TableName": TABLE, "Item": item})).await.is_ok()
    }

    /// Sends a request that has to work.
    pub async fn send(&self, operation: &str, request: &Value) -> Value {
        match self.answer_to(operation, request).await {
            Ok(answer) => answer,
            Err(refusal) => panic!("{operation}: {refusal}"),
        }
    }

    async fn answer_to(&self, operation: &str, request: &Value) -> Result<Value, String> {
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
        if status.is_success() {
            Ok(serde_json::from_slice(&body).expect("JSON"))
        } else {
            Err(format!("{status} {}", String::from_utf8_lossy(&body)))
        }
    }
}
