//! Lambda's Runtime API, as far as a function calls it: hands out events, takes the answers, and notes when.
//!
//! The API: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{AppendHeaders, IntoResponse},
    routing::{get, post},
};
use tokio::{
    net::TcpListener,
    sync::{
        Mutex,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
    task::JoinHandle,
    time::timeout,
};

/// Under valgrind everything takes fifty times as long.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(30);

/// The API for one function.
pub(crate) struct RuntimeApi {
    address: SocketAddr,
    events: UnboundedSender<String>,
    calls: UnboundedReceiver<Call>,
    server: JoinHandle<()>,
}

/// What the function called.
#[derive(Debug)]
enum Call {
    /// It asked for the next event.
    Next(Instant),
    /// It answered an event that was handed out then.
    Response { handed_out: Instant, at: Instant, body: Bytes },
    /// It says that it failed.
    Error(Bytes),
}

/// An answered event.
#[derive(Debug)]
pub(crate) struct Answered {
    /// From the event's way out to the answer's way in.
    pub(crate) took: Duration,
    /// When the answer came in.
    pub(crate) at: Instant,
    /// The answer.
    pub(crate) body: serde_json::Value,
}

struct Shared {
    events: Mutex<(UnboundedReceiver<String>, Instant)>,
    calls: UnboundedSender<Call>,
}

impl RuntimeApi {
    /// Listens on a free port.
    pub(crate) async fn start() -> Self {
        let (events, to_hand_out) = unbounded_channel();
        let (told, calls) = unbounded_channel();
        let shared = Arc::new(Shared {
            events: Mutex::new((to_hand_out, Instant::now())),
            calls: told,
        });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(error_of_init))
            .with_state(shared);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let listener = axum::serve::ListenerExt::tap_io(listener, |connection| {
            // Lambda's own answers at once; Nagle's algorithm would add 40 ms to each.
            let _ = connection.set_nodelay(true);
        });
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") });
        Self {
            address,
            events,
            calls,
            server,
        }
    }

    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Waits until the function asks for an event. Answers when it did.
    pub(crate) async fn asked(&mut self) -> Result<Instant, String> {
        match self.call().await? {
            Call::Next(at) => Ok(at),
            other => Err(format!("it was to ask for an event, and did: {other:?}")),
        }
    }

    /// Hands out an event to the function, which has asked, and waits for the answer. What it asks after that is left for `asked`.
    pub(crate) async fn invoke(&mut self, event: String) -> Result<Answered, String> {
        self.events.send(event).map_err(|_| "the Runtime API has ended".to_owned())?;
        match self.call().await? {
            Call::Response { handed_out, at, body } => Ok(Answered {
                took: at.duration_since(handed_out),
                at,
                body: serde_json::from_slice(&body).map_err(|error| error.to_string())?,
            }),
            other => Err(format!("it was to answer, and did: {other:?}")),
        }
    }

    async fn call(&mut self) -> Result<Call, String> {
        let call = timeout(PATIENCE, self.calls.recv()).await;
        match call.map_err(|_| "the function does nothing".to_owned())? {
            Some(Call::Error(body)) => Err(format!("the function failed: {}", String::from_utf8_lossy(&body))),
            Some(call) => Ok(call),
            None => Err("the Runtime API has ended".to_owned()),
        }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    let _ = shared.calls.send(Call::Next(Instant::now()));
    let mut events = shared.events.lock().await;
    let Some(event) = events.0.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let headers = AppendHeaders([
        ("lambda-runtime-aws-request-id", uuid::Uuid::new_v4().to_string()),
        ("lambda-runtime-deadline-ms", (since + FUNCTION_TIMEOUT).as_millis().to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:000000000000:function:phone-webhook".to_owned(),
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0".to_owned(),
        ),
        ("content-type", "application/json".to_owned()),
    ]);
    events.1 = Instant::now();
    (headers, event).into_response()
}

async fn response(State(shared): State<Arc<Shared>>, Path(_id): Path<String>, body: Bytes) -> StatusCode {
    let at = Instant::now();
    let handed_out = shared.events.lock().await.1;
    let _ = shared.calls.send(Call::Response { handed_out, at, body });
    StatusCode::ACCEPTED
}

async fn error(State(shared): State<Arc<Shared>>, Path(_id): Path<String>, body: Bytes) -> StatusCode {
    let _ = shared.calls.send(Call::Error(body));
    StatusCode::ACCEPTED
}

async fn error_of_init(State(shared): State<Arc<Shared>>, body: Bytes) -> StatusCode {
    let _ = shared.calls.send(Call::Error(body));
    StatusCode::ACCEPTED
}
