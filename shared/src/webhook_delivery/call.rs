//! One attempt: one request, and what came back.

use std::{error::Error, sync::Arc, time::Duration};

use http::{HeaderMap, header::RETRY_AFTER};
use reqwest::Client;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

use super::{
    message::Message,
    resolver::Resolver,
    target::{RefusedTarget, WebhookTargets},
};
use crate::{
    domain::{
        event::Event,
        time::Timestamp,
        webhook::Webhook,
        webhook_answer::{Answer, DeliveryControl, NoAnswer},
    },
    http_client::{HttpClientError, Timeouts, builder},
};

/// Svix's and Seam's: who has not answered by then has failed.
const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(5),
    request: Duration::from_secs(15),
};

const DELIVERY_CONTROL: &str = "webhook-delivery";

/// Calls receivers.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    client: Client,
    targets: WebhookTargets,
}

impl Caller {
    pub(super) fn new(targets: WebhookTargets) -> Result<Self, HttpClientError> {
        let client = builder(TIMEOUTS)?.dns_resolver(Arc::new(Resolver(targets)));
        Ok(Self {
            client: client.build().map_err(HttpClientError::of)?,
            targets,
        })
    }

    /// Sends an event to a webhook. The body of the answer is not read: its status says it all.
    pub(super) async fn call(&self, webhook: &Webhook, event: &Event, now: Timestamp) -> Answer {
        let Ok(url) = self.targets.parse(webhook.url.as_str()) else {
            return Answer::Nothing(NoAnswer::ForbiddenTarget);
        };
        let Some(Message { headers, body }) = Message::of(event, &webhook.secret, now) else {
            return Answer::Nothing(NoAnswer::Unusable);
        };
        match self.client.post(url).headers(headers).body(body).send().await {
            Ok(response) => Answer::Answered {
                status: response.status().as_u16(),
                control: text(response.headers(), DELIVERY_CONTROL).and_then(DeliveryControl::parse),
                retry_after: text(response.headers(), RETRY_AFTER.as_str()).and_then(|value| retry_after(value, now)),
            },
            Err(error) => Answer::Nothing(why_nothing(&error)),
        }
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// A number of seconds, or a date.
fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = OffsetDateTime::parse(value, &Rfc2822).ok()?;
    Some(Timestamp::from_millis(date.unix_timestamp().saturating_mul(1000)).since(now))
}

/// Our own words: those of the HTTP library show the URL.
fn why_nothing(error: &reqwest::Error) -> NoAnswer {
    let mut causes = std::iter::successors(Some(error as &dyn Error), |&error| error.source());
    if causes.any(<dyn Error>::is::<RefusedTarget>) {
        NoAnswer::ForbiddenTarget
    } else if error.is_builder() {
        NoAnswer::Unusable
    } else if error.is_timeout() {
        NoAnswer::TimedOut
    } else if error.is_connect() {
        NoAnswer::NoConnection
    } else {
        NoAnswer::Broken
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use uuid::Uuid;

    use super::*;
    use crate::{
        credential_manager::hid_origo::scripted::{Script, Scripted},
        domain::{
            event::EventKind,
            event_types::EventTypes,
            ids::{EventId, WebhookId, WorkspaceId},
            secret::Secret,
            webhook::WebhookUrl,
        },
    };

    const NOON: Timestamp = Timestamp::from_millis(1_704_969_745_848);

    /// Tells a receiver of something.
    pub(crate) async fn call(targets: WebhookTargets, url: &str) -> Answer {
        let workspace_id = WorkspaceId::new(Uuid::from_u128(1));
        let secret = Secret::new("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        let webhook = Webhook::new(
            workspace_id,
            WebhookId::new(Uuid::from_u128(2)),
            WebhookUrl::new(url),
            EventTypes::All,
            secret,
            NOON,
        );
        let event = Event {
            workspace_id,
            event_id: EventId::new(Uuid::from_u128(3)),
            user_identity_id: None,
            kind: EventKind::UserIdentityDeleted,
            created_at: NOON,
        };
        Caller::new(targets).unwrap().call(&webhook, &event, NOON).await
    }

    #[test]
    fn a_receiver_says_when_in_seconds_or_as_a_date() {
        let seconds = |value| retry_after(value, NOON).map(|wait| wait.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds("Thu, 11 Jan 2024 10:44:25 GMT"), Some(119));
        assert_eq!(seconds("Thu, 11 Jan 2024 10:00:00 GMT"), Some(0));
        assert_eq!(seconds("soon"), None);
        assert_eq!(seconds("-1"), None);
    }

    #[tokio::test]
    async fn a_record_that_points_to_us_is_not_called_though_it_is_in_the_table() {
        for url in [
            "https://127.0.0.1:1/",
            "http://receiver.example/",
            "https://169.254.169.254/",
            "no url",
        ] {
            let answer = call(WebhookTargets::Public, url).await;
            assert_eq!(answer, Answer::Nothing(NoAnswer::ForbiddenTarget), "{url}");
        }
    }

    /// `localhost` is refused by its name already; here it is the one that every machine resolves to an address of its own.
    #[tokio::test]
    async fn a_name_that_stands_for_an_address_of_ours_is_not_called() {
        let name: reqwest::dns::Name = "localhost".parse().unwrap();
        let resolved = reqwest::dns::Resolve::resolve(&Resolver(WebhookTargets::Public), name).await;
        assert!(resolved.err().unwrap().is::<RefusedTarget>());
        let client = builder(TIMEOUTS).unwrap().dns_resolver(Arc::new(Resolver(WebhookTargets::Public)));
        let error = client.build().unwrap().get("https://localhost:1/").send().await.unwrap_err();
        assert_eq!(why_nothing(&error), NoAnswer::ForbiddenTarget);
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let elsewhere = Scripted::start([Script::status(200)]).await;
        for status in [301, 302, 303, 307, 308] {
            let head = format!(
                "HTTP/1.1 {status} X\r\nlocation: {}/\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
                elsewhere.url
            );
            let receiver = Scripted::start([Script::Raw(head.into_bytes())]).await;
            let answer = call(WebhookTargets::PublicAndThisMachine, &receiver.url).await;
            assert!(
                matches!(answer, Answer::Answered { status: told, .. } if told == status),
                "{answer:?}"
            );
        }
        assert!(elsewhere.requests().is_empty());
    }

    /// Nothing of a body is read: one that never ends holds up nobody and fills no memory.
    #[tokio::test]
    async fn an_answer_that_never_ends_is_an_answer_and_is_not_read() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await.unwrap();
            let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n";
            stream.write_all(head).await.unwrap();
            let mut written: usize = 0;
            while stream.write_all(&[b'x'; 8192]).await.is_ok() {
                written += 8192;
            }
            written
        });
        let answer = call(WebhookTargets::PublicAndThisMachine, &url).await;
        assert!(matches!(answer, Answer::Answered { status: 200, .. }), "{answer:?}");
        let written = tokio::time::timeout(TIMEOUTS.connect, server)
            .await
            .expect("the connection is closed")
            .unwrap();
        // What the two sockets take while nobody reads.
        assert!(written < 32 * 1024 * 1024, "{written} bytes were taken");
    }

    #[tokio::test]
    async fn nobody_there_is_no_connection() {
        let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let answer = call(WebhookTargets::PublicAndThisMachine, &format!("http://{free}/")).await;
        assert_eq!(answer, Answer::Nothing(NoAnswer::NoConnection));
    }
}
