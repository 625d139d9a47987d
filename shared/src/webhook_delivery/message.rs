//! What is sent: the event as `/events/get` shows it, and who it is from.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{
    domain::{event::Event, secret::Secret, time::Timestamp},
    webhook::{HeaderFamily, InvalidMessageId, MessageId, SigningKey},
    wire::event::EventObject,
};

/// A message for one attempt.
pub(super) struct Message {
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Message {
    /// The event, signed at `now`. Signed under both families of names: Seam's and Svix's own verifiers look for the one, those of
    /// Standard Webhooks only for the other. `None`: the secret is none.
    pub(super) fn of(event: &Event, secret: &Secret, now: Timestamp) -> Option<Self> {
        let body = serde_json::to_vec(&EventObject::of(event)).ok()?;
        let (key, id) = (SigningKey::parse(secret.expose()).ok()?, id_of(event).ok()?);
        let mut headers = HeaderMap::new();
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for family in [HeaderFamily::Svix, HeaderFamily::Standard] {
            for (name, value) in key.headers(family, &id, now, &body) {
                headers.insert(HeaderName::from_static(name), HeaderValue::try_from(value).ok()?);
            }
        }
        Some(Self { headers, body })
    }
}

/// The message's name: the same for every attempt, so that a receiver knows a repetition.
fn id_of(event: &Event) -> Result<MessageId, InvalidMessageId> {
    format!("msg_{}", event.event_id.uuid().simple()).parse()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        domain::{
            event::EventKind,
            ids::{DeviceId, EventId, WorkspaceId},
        },
        webhook::{ActiveKey, UnverifiedWebhook, VerificationKey},
    };

    const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const NOON: Timestamp = Timestamp::from_millis(1_704_969_745_848);

    fn event() -> Event {
        Event {
            workspace_id: WorkspaceId::new(Uuid::from_u128(1)),
            event_id: EventId::new(Uuid::from_u128(0x018c_f8b0)),
            user_identity_id: None,
            kind: EventKind::PhoneRegistered {
                device_id: DeviceId::new(Uuid::from_u128(2)),
            },
            created_at: NOON,
        }
    }

    fn message(now: Timestamp) -> Message {
        Message::of(&event(), &Secret::new(SECRET), now).unwrap()
    }

    #[test]
    fn it_verifies_under_either_family_of_names_alone() {
        let sent = message(NOON);
        let keys = [ActiveKey {
            workspace_id: WorkspaceId::new(Uuid::nil()),
            key: VerificationKey::parse(SECRET).unwrap(),
        }];
        for family in ["svix-", "webhook-"] {
            let mut headers = sent.headers.clone();
            let others: Vec<HeaderName> = headers.keys().filter(|name| !name.as_str().starts_with(family)).cloned().collect();
            for name in &others {
                headers.remove(name);
            }
            assert_eq!(headers.len(), 3);
            let verified = UnverifiedWebhook::new(&headers, &sent.body).verify(&keys, NOON).unwrap();
            assert_eq!(verified.message_id().as_str(), "msg_000000000000000000000000018cf8b0");
        }
    }

    #[test]
    fn a_later_attempt_has_the_same_id_and_body_and_a_signature_of_its_own() {
        let (first, second) = (message(NOON), message(NOON.plus(std::time::Duration::from_secs(5))));
        assert_eq!((&first.headers["svix-id"], &first.body), (&second.headers["svix-id"], &second.body));
        assert_ne!(first.headers["svix-timestamp"], second.headers["svix-timestamp"]);
        assert_ne!(first.headers["svix-signature"], second.headers["svix-signature"]);
    }

    #[test]
    fn nothing_is_sent_with_a_secret_that_is_none() {
        assert!(Message::of(&event(), &Secret::new(""), NOON).is_none());
    }
}
