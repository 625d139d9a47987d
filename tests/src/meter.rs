//! A meter between a function and DynamoDB: every request is passed on, and its operation and consumed capacity are noted.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

/// One request to DynamoDB.
#[derive(Clone, Debug, PartialEq)]
pub struct Metered {
    /// `PutItem`, `UpdateItem`, ...
    pub operation: String,
    /// The units that DynamoDB says it cost, indexes included.
    pub units: Option<f64>,
}

impl Metered {
    /// Whether it writes.
    #[must_use]
    pub fn is_write(&self) -> bool {
        ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"].contains(&self.operation.as_str())
    }
}

/// The meter.
pub struct Meter {
    url: String,
    noted: Arc<Mutex<Vec<Metered>>>,
    server: JoinHandle<()>,
}

#[derive(Clone)]
struct Passing {
    upstream: String,
    http: reqwest::Client,
    noted: Arc<Mutex<Vec<Metered>>>,
}

impl Meter {
    /// A meter before the DynamoDB at `upstream`.
    pub async fn before(upstream: &str) -> Self {
        let noted = Arc::new(Mutex::new(Vec::new()));
        let http = fobless_local::loopback_client(std::time::Duration::from_secs(10)).expect("a client");
        let passing = Passing {
            upstream: upstream.to_owned(),
            http,
            noted: Arc::clone(&noted),
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(pass).with_state(passing);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") });
        Self { url, noted, server }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What was noted since it was last asked.
    #[must_use]
    pub fn take(&self) -> Vec<Metered> {
        std::mem::take(&mut self.noted.lock().expect("no panic in the meter"))
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass(State(passing): State<Passing>, headers: HeaderMap, body: Bytes) -> (StatusCode, HeaderMap, Bytes) {
    let target = headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let mut request = passing.http.post(&passing.upstream).body(asking_for_units(&body));
    for (name, value) in headers
        .iter()
        .filter(|(name, _)| !["host", "content-length", "x-amz-content-sha256"].contains(&name.as_str()))
    {
        request = request.header(name, value);
    }
    let answer = request.send().await.expect("an answer of DynamoDB");
    let status = answer.status();
    let body = answer.bytes().await.expect("a body");
    let units = serde_json::from_slice::<Value>(&body)
        .ok()
        .and_then(|body| units(&body["ConsumedCapacity"]));
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    passing
        .noted
        .lock()
        .expect("no panic in the meter")
        .push(Metered { operation, units });
    let mut headers = HeaderMap::new();
    headers.insert("content-type", http::HeaderValue::from_static("application/x-amz-json-1.0"));
    (status, headers, body)
}

/// The same request, asking what it costs. The embedded DynamoDB does not check the signature.
fn asking_for_units(body: &Bytes) -> Bytes {
    let Ok(Value::Object(mut request)) = serde_json::from_slice::<Value>(body) else {
        return body.clone();
    };
    request.insert("ReturnConsumedCapacity".to_owned(), Value::from("TOTAL"));
    Value::Object(request).to_string().into()
}

/// A request to several tables is told what each of them cost.
fn units(consumed: &Value) -> Option<f64> {
    match consumed {
        Value::Array(tables) => tables.iter().map(units).sum(),
        table => table["CapacityUnits"].as_f64(),
    }
}
