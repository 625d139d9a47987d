//! The connector of a customer's access control system: it checks who tells it something, keeps a ledger of who holds which number,
//! and misbehaves when it is told to.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

/// What the connector was told and what it holds.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Who holds which numbers: ACS user by card number.
    pub holders: BTreeMap<String, String>,
    /// Every request that was done, `(type, card number)`, repeats left out.
    pub done: Vec<(String, String)>,
    /// Idempotency keys and what was answered to each.
    keys: BTreeMap<String, String>,
    /// Statuses to answer instead of doing anything, first come first served.
    refusals: VecDeque<u16>,
}

/// The connector.
pub struct Connector {
    url: String,
    told: Arc<Mutex<Told>>,
    server: JoinHandle<()>,
}

impl Connector {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        let told = Arc::new(Mutex::new(Told::default()));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let url = format!("http://{}/fobless", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(take).with_state(Arc::clone(&told));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") });
        Self { url, told, server }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> reqwest::Url {
        self.url.parse().expect("a URL")
    }

    /// What it was told, and holds.
    #[must_use]
    pub fn told(&self) -> Told {
        self.told.lock().expect("no panic in the connector").clone()
    }

    /// Answers the next requests with these statuses and does nothing.
    pub fn refuse_next(&self, statuses: &[u16]) {
        self.told.lock().expect("no panic in the connector").refusals.extend(statuses);
    }
}

impl Drop for Connector {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(State(told): State<Arc<Mutex<Told>>>, headers: HeaderMap, body: Bytes) -> (StatusCode, &'static str) {
    let mut told = told.lock().expect("no panic in the connector");
    if let Some(status) = told.refusals.pop_front() {
        let status = StatusCode::from_u16(status).expect("a status");
        return (status, r#"{"message": "The site is closed."}"#);
    }
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let key = header("idempotency-key");
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    assert!(!key.is_empty() && !header("webhook-signature").is_empty(), "unsigned: {body}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, number, holder) = (
        text(&body["type"]),
        text(&body["data"]["card_number"]),
        text(&body["data"]["acs_user_id"]),
    );
    if told.keys.contains_key(&key) {
        return (StatusCode::CONFLICT, "{}");
    }
    told.keys.insert(key, kind.clone());
    told.done.push((kind.clone(), number.clone()));
    match kind.as_str() {
        "acs_credential.allocate" => {
            told.holders.insert(number, holder);
        }
        "acs_credential.remove" => {
            told.holders.remove(&number);
        }
        _ => {}
    }
    (StatusCode::OK, "{}")
}
