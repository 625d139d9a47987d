//! An access control system behind the customer's own connector, which is told what to do by signed requests.
//!
//! The connector is an HTTP endpoint that verifies Standard Webhooks and speaks to the access control system in that system's
//! own words. It answers 2xx when it did what was asked, 409 when it was so already, 4xx when it never will, and anything
//! else to be asked again.
//!
//! A repeat has the message id of the first one. Under another id a connector is told of a number that its ACS user holds already when the time changes
//! from when until when it counts; and to remove a number that is not there, since an import that was not answered may have come after its removal.

mod address;
mod answer;
mod message;

#[cfg(test)]
pub(crate) mod connector_tests;

use std::{fmt, time::Duration};

use futures_util::future::BoxFuture;
use http::header::CONTENT_TYPE;
use reqwest::{Client, Url};

pub use self::address::UnusableAddress;
use self::message::{Message, Verb};
use super::{AccessControl, AccessControlResult, CardNumber};
use crate::{
    clock::Clock,
    credential_manager::hid_origo::{SettingsError, Timeouts, http_client},
    domain::secret::Secret,
    webhook::{HeaderFamily, InvalidKey, SigningKey},
};

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// The issuer begins no step with less than 35 seconds left, and a step may make two calls and has to write down what came of them.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(15);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// What lets a connector know a repeat. The same as the id of the message, under the name that HTTP frameworks look for.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Tells one connector.
pub struct Bridge {
    client: Client,
    clock: Clock,
    url: Url,
    key: SigningKey,
    /// Only to keep it out of error texts, should the connector quote it.
    secret: Secret,
}

/// Settings of a bridge that can't be used. The text never shows the secret.
#[derive(Debug, thiserror::Error)]
pub enum UnusableBridge {
    /// The connector can't be where they say.
    #[error("`url` {0}")]
    Url(#[from] UnusableAddress),
    /// Nothing can be signed with the secret.
    #[error("`secret`: {0}")]
    Secret(#[from] InvalidKey),
    /// Calls could not be made, or would outlast the step that they are made in.
    #[error("`timeout_seconds` must be from 1 to {}", LONGEST_TIMEOUT.as_secs())]
    Timeout,
    /// TLS could not be set up.
    #[error(transparent)]
    HttpClient(#[from] SettingsError),
}

impl Bridge {
    /// A bridge to the connector at `url`. Nothing is sent yet.
    pub fn new(clock: Clock, url: &str, secret: &Secret, timeout_seconds: Option<u64>) -> Result<Self, UnusableBridge> {
        let url = address::parse(url)?;
        let key = SigningKey::parse(secret.expose())?;
        let request = timeout_seconds.map_or(DEFAULT_TIMEOUT, Duration::from_secs);
        if request.is_zero() || request > LONGEST_TIMEOUT {
            return Err(UnusableBridge::Timeout);
        }
        let connect = CONNECT_TIMEOUT.min(request);
        Ok(Self {
            client: http_client(Timeouts { connect, request })?,
            clock,
            url,
            key,
            secret: without_wrapping(secret),
        })
    }

    async fn tell(&self, verb: Verb, number: &CardNumber) -> AccessControlResult<()> {
        let now = self.clock.now();
        let Message { id, body } = Message::of(verb, number, now)?;
        let mut request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(IDEMPOTENCY_KEY, id.as_str());
        for (name, value) in self.key.headers(HeaderFamily::Standard, &id, now, body.as_bytes()) {
            request = request.header(name, value);
        }
        let response = request.body(body).send().await.map_err(|error| answer::none(&error))?;
        let status = response.status().as_u16();
        tracing::debug!(verb = verb.name(), acs_credential.id = %number.acs_credential_id, status, "the connector answered");
        answer::read(response, &self.secret).await
    }
}

/// The part of a secret that stays the same however it is written.
fn without_wrapping(secret: &Secret) -> Secret {
    let text = secret.expose().trim().trim_end_matches('=');
    Secret::new(text.strip_prefix("whsec_").unwrap_or(text))
}

impl AccessControl for Bridge {
    fn is_the_table(&self) -> bool {
        false
    }

    fn import<'a>(&'a self, number: &'a CardNumber) -> BoxFuture<'a, AccessControlResult<()>> {
        Box::pin(self.tell(Verb::Import, number))
    }

    fn allocate<'a>(&'a self, number: &'a CardNumber) -> BoxFuture<'a, AccessControlResult<()>> {
        Box::pin(self.tell(Verb::Allocate, number))
    }

    fn remove<'a>(&'a self, number: &'a CardNumber) -> BoxFuture<'a, AccessControlResult<()>> {
        Box::pin(self.tell(Verb::Remove, number))
    }
}

impl fmt::Debug for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bridge").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}
