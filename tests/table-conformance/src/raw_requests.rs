//! Requests to a server that the product's own client does not make: a table is created, its stream is read.

use std::time::Duration;

use serde_json::{Value, json};

use crate::difference::Difference;

/// A server, asked in its own JSON.
#[derive(Clone, Debug)]
pub(crate) struct RawRequests {
    http: reqwest::Client,
    endpoint: String,
}

impl RawRequests {
    pub(crate) fn to(endpoint: &str) -> Result<Self, String> {
        let http = fobless_local::loopback_client(Duration::from_secs(30)).map_err(|error| error.to_string())?;
        Ok(Self {
            http,
            endpoint: endpoint.to_owned(),
        })
    }

    /// Whether it answers as DynamoDB.
    pub(crate) async fn is_up(&self) -> bool {
        self.send("DynamoDB_20120810.ListTables", &json!({})).await.is_ok()
    }

    /// Sends a request that has to work.
    pub(crate) async fn send(&self, target: &str, body: &Value) -> Result<Value, Difference> {
        let differs = |what: String| Difference::new(format!("{target}: {what}"));
        // Servers tell by the signature's scope whose request it is; nobody checks the signature itself.
        let request = self
            .http
            .post(&self.endpoint)
            .header("x-amz-target", target)
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-date", "20240101T000000Z")
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=local/20240101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
            )
            .body(body.to_string());
        let answer = request.send().await.map_err(|error| differs(error.to_string()))?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| differs(error.to_string()))?;
        if !status.is_success() {
            return Err(differs(format!("{status} {}", String::from_utf8_lossy(&body))));
        }
        serde_json::from_slice(&body).map_err(|error| differs(error.to_string()))
    }
}
