//! Sending events to callbacks: in order, in batches, once, whatever comes of it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout, timeout_at};

use crate::faults::Faults;
use crate::records::{Callback, Event};

const TIMEOUT: Duration = Duration::from_secs(10);
/// Events this close to one another travel together.
const BATCH_WAIT: Duration = Duration::from_millis(20);
const BATCH_SIZE: usize = 50;

/// One sender per callback, so that a slow receiver delays nobody else.
pub(crate) struct Deliveries {
    client: reqwest::Client,
    faults: Arc<Faults>,
    senders: Mutex<HashMap<String, Sender>>,
}

struct Sender {
    /// None is all of them.
    statuses: Option<BTreeSet<String>>,
    queue: UnboundedSender<Arc<Event>>,
    task: AbortHandle,
}

/// Why the client that sends callbacks cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The cryptography has no protocol version in common with itself.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The client refuses its configuration.
    #[error("HTTP: {0}")]
    Http(#[from] reqwest::Error),
}

impl Deliveries {
    pub(crate) fn new(faults: Arc<Faults>) -> Result<Self, ClientError> {
        let roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .build()?;
        Ok(Self {
            client,
            faults,
            senders: Mutex::default(),
        })
    }

    /// Begins to send a callback the events of these statuses.
    pub(crate) fn start(&self, callback: &Callback, statuses: Option<BTreeSet<String>>) {
        let (queue, events) = unbounded_channel();
        let receiver = Receiver {
            client: self.client.clone(),
            faults: self.faults.clone(),
            callback: callback.clone(),
        };
        let task = tokio::spawn(receiver.run(events)).abort_handle();
        self.lock().insert(callback.id.clone(), Sender { statuses, queue, task });
    }

    pub(crate) fn stop(&self, callback_id: &str) {
        if let Some(sender) = self.lock().remove(callback_id) {
            sender.task.abort();
        }
    }

    pub(crate) fn stop_all(&self) {
        for (_, sender) in self.lock().drain() {
            sender.task.abort();
        }
    }

    /// Queues an event for whoever asked for its kind.
    pub(crate) fn send(&self, event: &Arc<Event>) {
        for sender in self.lock().values() {
            if sender.statuses.as_ref().is_none_or(|statuses| statuses.contains(&event.status)) {
                // It fails only when the task is gone, and then nobody is there to be told.
                let _ = sender.queue.send(event.clone());
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Sender>> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The far end of one callback.
struct Receiver {
    client: reqwest::Client,
    faults: Arc<Faults>,
    callback: Callback,
}

impl Receiver {
    async fn run(self, mut events: UnboundedReceiver<Arc<Event>>) {
        while let Some(first) = events.recv().await {
            let batch = batch_from(first, &mut events).await;
            let fate = self.faults.for_delivery(&self.label(&batch));
            if fate.lost {
                continue;
            }
            if let Some(wait) = fate.held_back {
                // The next batch overtakes this one, if there is one in time.
                if let Ok(Some(first)) = timeout(wait, events.recv()).await {
                    self.post(&batch_from(first, &mut events).await).await;
                }
            }
            self.post(&batch).await;
            if fate.doubled {
                self.post(&batch).await;
            }
        }
    }

    /// What the `route` of a fault is looked for in: where the batch goes, and the statuses it carries.
    fn label(&self, batch: &[Arc<Event>]) -> String {
        let statuses: Vec<&str> = batch.iter().map(|event| event.status.as_str()).collect();
        format!("POST {} {}", self.callback.url, statuses.join(" "))
    }

    /// Sends once. Only 200 is success, and what fails is lost: that HID repeats it was seen nowhere.
    async fn post(&self, batch: &[Arc<Event>]) {
        let body: serde_json::Value = batch.iter().map(|event| event.content.clone()).collect();
        let mut request = self
            .client
            .post(&self.callback.url)
            .header(http::header::CONTENT_TYPE, "application/cloudevents-batch+json")
            .body(body.to_string());
        if let Some((name, secret)) = &self.callback.header {
            request = request.header(name, secret);
        }
        let failure = match request.send().await {
            Ok(response) if response.status() == http::StatusCode::OK => return,
            Ok(response) => response.status().to_string(),
            // Without the URL: part of it may be a secret of the receiver.
            Err(error) => error.without_url().to_string(),
        };
        tracing::warn!(callback = %self.callback.id, failure, "a callback is lost");
    }
}

/// An event and those close behind it.
async fn batch_from(first: Arc<Event>, events: &mut UnboundedReceiver<Arc<Event>>) -> Vec<Arc<Event>> {
    let mut batch = vec![first];
    let closes_at = Instant::now() + BATCH_WAIT;
    while batch.len() < BATCH_SIZE {
        match timeout_at(closes_at, events.recv()).await {
            Ok(Some(event)) => batch.push(event),
            Ok(None) | Err(_) => break,
        }
    }
    batch
}
