//! Takes signed webhooks and records what they say, one conditional write each.
//!
//! Nothing is called from here: a webhook is acknowledged once its fact is written, and the table's stream does the rest. The
//! caller learns the class of a refusal from the status and nothing more; the log has the reason, without secrets and bodies.
//! Never answered: 410, by which Standard Webhooks would switch the endpoint off.

mod answer;
mod hid_origo;
mod phones;

use std::collections::BTreeMap;

use bytes::Bytes;
use fobless::{
    clock::Clock,
    config::CallbackSecrets,
    domain::ids::AcsSystemId,
    secrets::Cached,
    store::Store,
    telemetry::{Measure, Telemetry},
    webhook::ActiveKey,
};
use http::Method;

pub use self::answer::Answer;

/// What the webhook function needs.
#[derive(Clone, Debug)]
pub struct State {
    /// The table.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Who may sign phone events.
    pub keys: Cached<Vec<ActiveKey>>,
    /// What HID Origo's callbacks carry, per organization.
    pub callbacks: Cached<BTreeMap<AcsSystemId, CallbackSecrets>>,
    /// Where measurements go.
    pub telemetry: Telemetry,
}

/// The largest body that is looked at. Events are below 20 kB; this leaves room for batches.
pub const BODY_LIMIT: usize = 256 * 1024;

/// Handles one request on any path under `/webhooks/`. A body that was refused upstream for its length arrives as `None`.
pub async fn handle(state: &State, request: http::Request<Option<Bytes>>) -> http::Response<Bytes> {
    let answer = answer(state, request).await;
    state.telemetry.measure(match answer.refusal() {
        None => Measure::WebhookAccepted,
        Some(class) => Measure::WebhookRefused(class),
    });
    state.telemetry.tell(state.clock.now());
    answer.into()
}

async fn answer(state: &State, request: http::Request<Option<Bytes>>) -> Answer {
    let (parts, body) = request.into_parts();
    let Some(source) = Source::of_path(parts.uri.path()) else {
        return Answer::UnknownSource;
    };
    if parts.method != Method::POST {
        return Answer::MethodNotAllowed;
    }
    let Some(body) = body.filter(|body| body.len() <= BODY_LIMIT) else {
        tracing::warn!(webhook.source = source.name(), "refused a webhook: the body is too large");
        return Answer::TooLarge;
    };
    match source {
        Source::Phones => phones::handle(state, &parts.headers, &body).await,
        Source::HidOrigo(system) => hid_origo::handle(state, system, &parts.headers, &body).await,
    }
}

/// Who a path belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The customer's mobile backend.
    Phones,
    /// A HID Origo organization.
    HidOrigo(AcsSystemId),
}

impl Source {
    fn of_path(path: &str) -> Option<Self> {
        match path.strip_prefix("/webhooks/")? {
            "phones" => Some(Self::Phones),
            other => other.strip_prefix("hid-origo/")?.parse().ok().map(Self::HidOrigo),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Phones => "phones",
            Self::HidOrigo(_) => "hid-origo",
        }
    }
}
