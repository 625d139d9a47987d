//! The receiver of webhooks: it keeps what it gets, and answers as it is told to.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    response::Response,
};
use fobless::{
    domain::{ids::WorkspaceId, time::Timestamp},
    webhook::{ActiveKey, UnverifiedWebhook, VerificationKey},
};
use http::{HeaderMap, Uri};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

/// What a receiver answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// This status.
    Status(u16),
    /// This status, with a header.
    WithHeader(u16, &'static str, String),
    /// Nothing, ever.
    Hang,
}

/// One request that came.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, byte for byte.
    pub raw: Bytes,
    /// The same, understood.
    pub event: Value,
}

#[derive(Default)]
struct Desk {
    received: BTreeMap<String, Vec<Received>>,
    /// What is answered next on each path, first come first served.
    next: BTreeMap<String, VecDeque<Reply>>,
    /// What is answered on each path after that; 204 where nothing is said.
    always: BTreeMap<String, Reply>,
}

/// The receiver.
pub struct Receiver {
    base: String,
    desk: Arc<Mutex<Desk>>,
    server: JoinHandle<()>,
}

impl Receiver {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        let desk = Arc::new(Mutex::new(Desk::default()));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(take).with_state(Arc::clone(&desk));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") });
        Self { base, desk, server }
    }

    /// A webhook's address here. Each path is a receiver of its own.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// What came to a path so far.
    #[must_use]
    pub fn received(&self, path: &str) -> Vec<Received> {
        let desk = self.desk.lock().expect("no panic in the receiver");
        desk.received.get(path).cloned().unwrap_or_default()
    }

    /// Answers the next requests to a path so.
    pub fn answer_next(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        let mut desk = self.desk.lock().expect("no panic in the receiver");
        desk.next.entry(path.to_owned()).or_default().extend(replies);
    }

    /// Answers all requests to a path so.
    pub fn answer_always(&self, path: &str, reply: Reply) {
        let mut desk = self.desk.lock().expect("no panic in the receiver");
        desk.always.insert(path.to_owned(), reply);
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Received {
    /// The message's name, if the request is signed with this secret and was signed just now.
    #[must_use]
    pub fn verified(&self, secret: &str, now: Timestamp) -> String {
        let keys = [ActiveKey {
            workspace_id: WorkspaceId::new(uuid::Uuid::nil()),
            key: VerificationKey::parse(secret).unwrap(),
        }];
        let verified = UnverifiedWebhook::new(&self.headers, &self.raw).verify(&keys, now).unwrap();
        verified.message_id().to_string()
    }

    /// A header's text.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

async fn take(State(desk): State<Arc<Mutex<Desk>>>, uri: Uri, headers: HeaderMap, raw: Bytes) -> Response {
    let reply = {
        let mut desk = desk.lock().expect("no panic in the receiver");
        let path = uri.path().to_owned();
        let event = serde_json::from_slice(&raw).unwrap_or_default();
        desk.received
            .entry(path.clone())
            .or_default()
            .push(Received { headers, raw, event });
        let next = desk.next.get_mut(&path).and_then(VecDeque::pop_front);
        next.or_else(|| desk.always.get(&path).cloned()).unwrap_or(Reply::Status(204))
    };
    let (status, header) = match reply {
        Reply::Status(status) => (status, None),
        Reply::WithHeader(status, name, value) => (status, Some((name, value))),
        Reply::Hang => std::future::pending().await,
    };
    let response = header
        .into_iter()
        .fold(Response::builder().status(status), |response, (name, value)| {
            response.header(name, value)
        });
    response.body(Body::empty()).unwrap()
}
