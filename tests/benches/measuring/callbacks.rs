//! The credential manager's callbacks, which a benchmark posts in its place, so that it knows when they were answered.

use fobless_local::{CALLBACK_HEADER, seed};
use fobless_tests::{RawWebhook, Stack};
use serde_json::{Value, json};

use super::moments::now;

/// Where they go, and what they carry.
pub(crate) struct Callbacks {
    http: reqwest::Client,
    url: String,
    secret: String,
}

impl Callbacks {
    pub(crate) fn to(stack: &Stack, http: reqwest::Client) -> Self {
        Self {
            http,
            url: format!("{}/webhooks/hid-origo/{}", stack.ready().api, seed::CREDENTIAL_MANAGER),
            secret: stack.callback_secret(),
        }
    }

    /// Sends a batch of one event as the credential manager does. Answers when it was sent and when it was answered.
    pub(crate) async fn send(&self, kind: &str, status: &str, data: &Value) -> (i64, i64) {
        let mut data = data.clone();
        data["status"] = status.into();
        let event = json!({
            "specversion": "1.0",
            "type": format!("com.origo.mi.{kind}"),
            "id": uuid::Uuid::new_v4(),
            "datacontenttype": format!("application/vnd.hidglobal.origo.events.{kind}-2.0+json"),
            "data": data,
        });
        let headers = [
            (CALLBACK_HEADER, self.secret.as_str()),
            ("content-type", "application/cloudevents-batch+json"),
        ];
        let webhook = RawWebhook::with_headers(&headers, json!([event]).to_string());
        let sent = now();
        let answer = webhook.send(&self.http, &self.url).await;
        let answered = now();
        assert_eq!(answer, 200, "{status}");
        (sent, answered)
    }
}
