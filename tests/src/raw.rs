//! Webhooks that are put together by hand: wrong ones, repeated ones, ones from another time.

use fobless::{
    domain::{ids::UserIdentityId, time::Timestamp},
    webhook::{HeaderFamily, MessageId, SigningKey},
};
use serde_json::{Value, json};

use crate::{gateway, watched};

/// A request to a webhook, as it goes over the wire.
#[derive(Clone, Debug)]
pub struct RawWebhook {
    /// The headers, in order; a name may stand twice.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
}

impl RawWebhook {
    /// A well-signed one.
    #[must_use]
    pub fn signed(secret: &str, id: &str, sent_at: Timestamp, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let key = SigningKey::parse(secret).expect("a secret of the test");
        let id: MessageId = id.parse().expect("an id of the test");
        let headers = key.headers(HeaderFamily::Svix, &id, sent_at, &body);
        let headers = headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into_bytes()))
            .collect();
        Self { headers, body }
    }

    /// One with these headers as they are.
    #[must_use]
    pub fn with_headers(headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Self {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
            .collect();
        Self {
            headers,
            body: body.into(),
        }
    }

    /// The same without the headers whose name ends so.
    #[must_use]
    pub fn without(mut self, ending: &str) -> Self {
        self.headers.retain(|(name, _)| !name.ends_with(ending));
        self
    }

    /// The same with another value in the header whose name ends so.
    #[must_use]
    pub fn with(mut self, ending: &str, value: impl Into<Vec<u8>>) -> Self {
        let value = value.into();
        for (_, old) in self.headers.iter_mut().filter(|(name, _)| name.ends_with(ending)) {
            old.clone_from(&value);
        }
        self
    }

    /// The same with the header whose name ends so standing twice.
    #[must_use]
    pub fn doubled(mut self, ending: &str) -> Self {
        let again: Vec<_> = self.headers.iter().filter(|(name, _)| name.ends_with(ending)).cloned().collect();
        self.headers.extend(again);
        self
    }

    /// Sends it, and answers the status.
    pub async fn send(&self, http: &reqwest::Client, url: &str) -> u16 {
        if watched::are_functions_watched() && gateway::is_needed_for(self) {
            return gateway::hand_on(self, http, url).await;
        }
        let mut headers = http::HeaderMap::new();
        for (name, value) in &self.headers {
            let name = http::HeaderName::try_from(name.as_str()).expect("a header name of the test");
            headers.append(name, http::HeaderValue::from_bytes(value).expect("a header value of the test"));
        }
        http.post(url)
            .headers(headers)
            .body(self.body.clone())
            .send()
            .await
            .expect("an answer")
            .status()
            .as_u16()
    }
}

/// A phone's event as Seam writes events.
#[must_use]
pub fn event_body(event_type: &str, user: UserIdentityId, installation: &str, occurred_at: Timestamp) -> Value {
    json!({
        "event_id": uuid::Uuid::new_v4(),
        "event_type": event_type,
        "user_identity_id": user,
        "custom_sdk_installation_id": installation,
        "occurred_at": occurred_at.to_string(),
    })
}
