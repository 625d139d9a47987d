//! For tests: a server that reads requests and answers them as told, and the adapter beside it.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{HidOrigo, Settings, http_client, urn};
use crate::{
    credential_manager::{CallBudget, CallError, CallResult, Person, Priority, Refusal, Said, SharedToken},
    domain::{ids::UserIdentityId, secret::Secret, time::Timestamp},
};

/// The time in all tests.
pub(super) const NOW: Timestamp = Timestamp::from_millis(1_704_779_133_068);

/// Until when the budget pauses when HID refuses a call.
pub(super) const PAUSE_ENDS: Timestamp = Timestamp::from_millis(1_704_779_433_068);

/// What to do with one request.
pub(crate) enum Script {
    /// A status and a body.
    Reply(u16, Vec<u8>),
    /// These very bytes.
    Raw(Vec<u8>),
    /// Read it and hang up.
    HangUp,
    /// Read it and never answer.
    Hang,
}

impl Script {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::Reply(status, body.to_string().into_bytes())
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::Reply(status, Vec::new())
    }
}

/// A request as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Method and target.
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// The server. One connection per request, in the order of the script.
pub(crate) struct Scripted {
    pub(crate) url: String,
    hangs: bool,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Scripted {
    pub(crate) async fn start(scripts: impl IntoIterator<Item = Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let mut scripts: VecDeque<Script> = scripts.into_iter().collect();
        let hangs = scripts.iter().any(|script| matches!(script, Script::Hang));
        tokio::spawn(async move {
            let mut hanging = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read_request(&mut stream).await;
                seen.lock().unwrap().push(request);
                let answer = match scripts.pop_front() {
                    Some(Script::Reply(status, body)) => {
                        let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
                        [head.into_bytes(), body].concat()
                    }
                    Some(Script::Raw(bytes)) => bytes,
                    Some(Script::HangUp) => Vec::new(),
                    Some(Script::Hang) => {
                        hanging.push(stream);
                        continue;
                    }
                    None => b"HTTP/1.1 599 Unscripted\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_vec(),
                };
                // The client may have hung up; then there is nobody to tell.
                let _ = stream.write_all(&answer).await;
            }
        });
        Self { url, hangs, requests }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn only_request(&self) -> Request {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.remove(0)
    }
}

async fn read_request(stream: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    let end_of_head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "the request broke off");
    };
    let head = String::from_utf8(bytes[..end_of_head].to_vec()).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let line = lines.next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
    let headers = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut request = Request {
        line,
        headers,
        body: String::new(),
    };
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < end_of_head + length {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "the request broke off");
    }
    request.body = String::from_utf8(bytes[end_of_head..].to_vec()).unwrap();
    request
}

/// Settings that aim everything at `hid`.
pub(super) fn settings(hid: &Scripted) -> Settings {
    let mut settings = settings_at(&hid.url);
    if hid.hangs {
        settings.request_timeout_ms = 300;
    }
    settings
}

pub(crate) fn settings_at(url: &str) -> Settings {
    let base_urls =
        json!({ "authentication": url, "mobile_identities": format!("{url}/credential-management"), "events": url, "callback": url });
    serde_json::from_value(json!({
        "base_urls": base_urls, "client_id": "1000042-OSRV1", "client_secret": "h&u sh", "application_id": "HID-FOBLESS-TEST",
        "application_version": "1.2",
    }))
    .unwrap()
}

/// The adapter, the server that it talks to, and what it shares with other instances.
pub(super) struct Bench {
    pub(super) adapter: HidOrigo,
    pub(super) hid: Scripted,
    pub(super) budget: Arc<TestBudget>,
    pub(super) token: Arc<TestToken>,
}

impl Bench {
    pub(super) async fn start(scripts: impl IntoIterator<Item = Script>) -> Self {
        Self::with_calls(scripts, usize::MAX).await
    }

    /// A bench whose budget has room for so many calls.
    pub(super) async fn with_calls(scripts: impl IntoIterator<Item = Script>, room: usize) -> Self {
        let hid = Scripted::start(scripts).await;
        let (budget, token) = (Arc::new(TestBudget::with_room(room)), Arc::new(TestToken::default()));
        let adapter = adapter(&settings(&hid), &budget, &token);
        Self {
            adapter,
            hid,
            budget,
            token,
        }
    }
}

pub(super) fn adapter(settings: &Settings, budget: &Arc<TestBudget>, token: &Arc<TestToken>) -> HidOrigo {
    let client = http_client(settings.timeouts()).unwrap();
    HidOrigo::new(settings, client, Arc::clone(budget) as _, Arc::clone(token) as _, Arc::new(|| NOW)).unwrap()
}

/// Counts calls.
#[derive(Default)]
pub(super) struct TestBudget {
    room: usize,
    taken: Mutex<Vec<Priority>>,
    refused: AtomicUsize,
}

impl TestBudget {
    pub(super) fn with_room(room: usize) -> Self {
        Self { room, ..Self::default() }
    }

    pub(super) fn taken(&self) -> Vec<Priority> {
        self.taken.lock().unwrap().clone()
    }

    pub(super) fn refusals(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }
}

impl CallBudget for TestBudget {
    fn take(&self, priority: Priority) -> BoxFuture<'_, Result<(), CallError>> {
        let mut taken = self.taken.lock().unwrap();
        let answer = if taken.len() < self.room {
            Ok(())
        } else {
            Err(CallError::BudgetSpent { until: NOW })
        };
        if answer.is_ok() {
            taken.push(priority);
        }
        Box::pin(async move { answer })
    }

    fn refused(&self, _: Said) -> BoxFuture<'_, Refusal> {
        self.refused.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Refusal::TooFast { until: PAUSE_ENDS } })
    }

    fn answered(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

/// Hands out `token-1`, and the next number for each one refused.
#[derive(Default)]
pub(super) struct TestToken {
    refused: Mutex<Vec<String>>,
}

impl TestToken {
    pub(super) fn refused(&self) -> Vec<String> {
        self.refused.lock().unwrap().clone()
    }
}

impl SharedToken for TestToken {
    fn get<'a>(&'a self, refused: Option<&'a Secret>) -> BoxFuture<'a, CallResult<Secret>> {
        let mut known = self.refused.lock().unwrap();
        known.extend(refused.map(|token| token.expose().to_owned()));
        let token = Secret::new(format!("token-{}", known.len() + 1));
        Box::pin(async move { Ok(token) })
    }
}

/// Somebody of whom all is known.
pub(super) fn ada() -> Person {
    Person {
        external_id: "0b6f1c5e-3f43-4c5e-9d5a-6b1f2c3d4e5f".parse::<UserIdentityId>().unwrap(),
        full_name: Some("Ada King Lovelace".to_owned()),
        email_address: Some(" Ada@Example.com".to_owned()),
    }
}

/// Somebody of whom nothing is known.
pub(super) fn nameless() -> Person {
    Person {
        full_name: None,
        email_address: None,
        ..ada()
    }
}

/// How long a test waits for a server that says nothing.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Any JSON, in which HID's own words are frequent.
pub(super) fn any_json() -> impl Strategy<Value = Value> {
    let words = vec![
        "id",
        "status",
        "type",
        "data",
        "userId",
        "endpointId",
        "invitationId",
        "meta",
        "location",
        "ACTIVE",
        "ISSUED",
        "ENDPOINT_ACTIVE",
        "com.origo.mi.endpoint",
        urn::USER_INVITATION,
        urn::CREDENTIAL_CONTAINER,
        urn::CREDENTIAL,
        "createdDate",
        "2024-01-09T05:45:33Z",
    ];
    let key = prop_oneof![4 => proptest::sample::select(words).prop_map(str::to_owned), 1 => any::<String>()];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        key.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            proptest::collection::hash_map(key.clone(), inner, 0..8).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}
