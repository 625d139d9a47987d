//! The management API, in Seam's wire format: it validates, and records wishes in the table. It never calls the outside world;
//! the credential issuer acts on what is recorded here.
//!
//! A request goes through `request_log` -> `cors` -> `endpoint` (who asks, by which method, for what) -> one handler in `routes`,
//! which answers with an object of `wire`.

mod authentication;
mod change;
mod cors;
mod cursor;
mod endpoint;
mod envelope;
mod field_lists;
mod fields;
mod findings;
mod given;
mod input;
mod key_cache;
mod kind;
mod listing;
mod literals;
mod lookup;
#[cfg(test)]
mod openapi;
mod page;
mod problem;
mod request_log;
mod router;
mod routes;
mod scoped_call;
mod shown;
mod wire;

use fobless::{clock::Clock, store::Store, webhook_delivery::WebhookTargets};

pub use fobless::api_key::hash_api_key;

pub use self::router::router;

/// What the API works with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct State {
    /// The table.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Where webhooks may be sent.
    pub webhook_targets: WebhookTargets,
}
