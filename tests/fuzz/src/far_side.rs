//! HID Origo as it may answer: the adapter as it is, over a line on which somebody else says what comes back.

use std::{
    collections::VecDeque,
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use fobless::{
    credential_manager::{
        CallBudget, CallError, CallResult, Priority, Refusal, Said, SharedToken,
        hid_origo::{HidOrigo, HidOrigoTokenEndpoint, Line, Settings, Timeouts, http_client},
    },
    domain::secret::Secret,
};
use futures_util::future::{BoxFuture, ready};
use reqwest::{Body, Client, Request, Response};
use serde_json::json;

use crate::{
    secrets::{ACCESS_TOKEN, CLIENT_SECRET},
    table::NOW,
};

/// What HID answers: a status and a body.
pub(crate) type Answer = (u16, Vec<u8>);

/// The line, and how often something was sent over it.
#[derive(Default)]
pub(crate) struct Answers {
    left: Mutex<VecDeque<Answer>>,
    asked: AtomicUsize,
}

impl Answers {
    /// These answers in turn; then nothing but 503.
    pub(crate) fn new(answers: Vec<Answer>) -> Arc<Self> {
        Arc::new(Self {
            left: Mutex::new(answers.into()),
            asked: AtomicUsize::new(0),
        })
    }

    /// How many requests were sent.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Line for Answers {
    fn send(&self, _: Request) -> BoxFuture<'_, reqwest::Result<Response>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let next = self.left.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let (status, body) = next.unwrap_or((503, Vec::new()));
        let response = http::Response::builder().status(status).body(Body::from(body)).unwrap();
        Box::pin(ready(Ok(response.into())))
    }
}

/// Allows every call.
struct Plenty;

impl CallBudget for Plenty {
    fn take(&self, _: Priority) -> BoxFuture<'_, Result<(), CallError>> {
        Box::pin(ready(Ok(())))
    }

    fn refused(&self, _: Said) -> BoxFuture<'_, Refusal> {
        Box::pin(ready(Refusal::TooFast {
            until: NOW.plus(Duration::from_mins(5)),
        }))
    }

    fn answered(&self) -> BoxFuture<'_, ()> {
        Box::pin(ready(()))
    }
}

/// Hands out the same token, whatever becomes of it.
struct OneToken;

impl SharedToken for OneToken {
    fn get<'a>(&'a self, _: Option<&'a Secret>) -> BoxFuture<'a, CallResult<Secret>> {
        Box::pin(ready(Ok(Secret::new(ACCESS_TOKEN))))
    }
}

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let timeout = Duration::from_secs(1);
    http_client(Timeouts {
        connect: timeout,
        request: timeout,
    })
    .unwrap()
});

static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
    let settings = json!({
        "base_urls": "production", "client_id": "1000042-OSRV1", "client_secret": CLIENT_SECRET, "application_id": "HID-FOBLESS-FUZZ",
    });
    serde_json::from_value(settings).unwrap()
});

/// The adapter, to whose calls these answers come.
pub(crate) fn adapter(answers: &Arc<Answers>) -> HidOrigo {
    let adapter = HidOrigo::new(&SETTINGS, CLIENT.clone(), Arc::new(Plenty), Arc::new(OneToken), Arc::new(|| NOW));
    adapter.unwrap().over(Arc::clone(answers) as Arc<dyn Line>)
}

/// The token endpoint, to whose calls these answers come.
pub(crate) fn token_endpoint(answers: &Arc<Answers>) -> HidOrigoTokenEndpoint {
    let endpoint = HidOrigoTokenEndpoint::new(&SETTINGS, CLIENT.clone(), Arc::new(|| NOW));
    endpoint.unwrap().over(Arc::clone(answers) as Arc<dyn Line>)
}
