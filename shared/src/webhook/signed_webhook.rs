//! A phone event as its sender delivers it: Seam's bare event as the body, signed as Standard Webhooks has it. For whoever tries a
//! deployment out.

use std::str::FromStr;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{HeaderFamily, InvalidKey, InvalidMessageId, SigningKey};
use crate::domain::{
    ids::{InstallationId, UserIdentityId, WorkspaceId},
    phone_metadata::PhoneMetadata,
    time::Timestamp,
};

/// What happened to a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneEventType {
    /// The app was set up on it.
    Registered,
    /// It was lost, or the app was removed.
    Deactivated,
}

impl PhoneEventType {
    /// The event's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registered => "phone.registered",
            Self::Deactivated => "phone.deactivated",
        }
    }
}

impl FromStr for PhoneEventType {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Registered, Self::Deactivated]
            .into_iter()
            .find(|known| known.name() == name)
            .ok_or("an event of a phone is phone.registered or phone.deactivated")
    }
}

/// An event about a phone.
#[derive(Clone, Debug)]
pub struct PhoneEvent {
    /// What happened.
    pub event_type: PhoneEventType,
    /// In which workspace.
    pub workspace_id: WorkspaceId,
    /// Whose phone.
    pub user_identity_id: UserIdentityId,
    /// Which installation of the app.
    pub installation_id: InstallationId,
    /// What phone it is.
    pub metadata: PhoneMetadata,
    /// When it happened.
    pub occurred_at: Timestamp,
}

/// A signed request.
#[derive(Clone, Debug)]
pub struct SignedWebhook {
    /// The headers, name and value.
    pub headers: Vec<(&'static str, String)>,
    /// The body, to be sent byte for byte.
    pub body: String,
}

/// The event can't be signed.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum SigningError {
    /// The secret is none.
    #[error("the webhook secret: {0}")]
    Key(#[from] InvalidKey),
    /// The message id is none.
    #[error(transparent)]
    MessageId(#[from] InvalidMessageId),
}

impl PhoneEvent {
    /// Signs the event with a secret (`whsec_...`), as of `now`.
    pub fn sign(&self, secret: &str, now: Timestamp) -> Result<SignedWebhook, SigningError> {
        let key = SigningKey::parse(secret)?;
        let id = format!("msg_{}", Uuid::new_v4().simple()).parse()?;
        let body = self.body(now).to_string();
        let mut headers = vec![("content-type", "application/json".to_owned())];
        headers.extend(key.headers(HeaderFamily::Standard, &id, now, body.as_bytes()));
        Ok(SignedWebhook { headers, body })
    }

    fn body(&self, now: Timestamp) -> Value {
        let mut body = json!({
            "event_id": Uuid::new_v4(),
            "event_type": self.event_type.name(),
            "workspace_id": self.workspace_id,
            "created_at": now.to_string(),
            "occurred_at": self.occurred_at.to_string(),
            "user_identity_id": self.user_identity_id,
            "custom_sdk_installation_id": self.installation_id,
        });
        let metadata = serde_json::to_value(&self.metadata).unwrap_or_default();
        if let Some(body) = body.as_object_mut() {
            body.extend(metadata.as_object().cloned().unwrap_or_default());
        }
        body
    }
}

impl SignedWebhook {
    /// Header lines, an empty line, the body.
    #[must_use]
    pub fn as_message(&self) -> String {
        let headers: Vec<String> = self.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        format!("{}\n{}", headers.concat(), self.body)
    }

    /// A command for a shell.
    #[must_use]
    pub fn as_curl(&self, url: &str) -> String {
        let header = |(name, value): &(&str, String)| format!("-H {} ", quoted(&format!("{name}: {value}")));
        let headers: Vec<String> = self.headers.iter().map(header).collect();
        // Not `--data`, which would take a leading `@` for a file.
        format!("curl -i {}--data-raw {} {}", headers.concat(), quoted(&self.body), quoted(url))
    }
}

/// A text that a shell leaves as it is.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::{ActiveKey, UnverifiedWebhook, VerificationKey};

    const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn event(installation: &str) -> PhoneEvent {
        PhoneEvent {
            event_type: PhoneEventType::Registered,
            workspace_id: "398d80b7-3f96-47c2-b85a-6f8ba21d07be".parse().unwrap(),
            user_identity_id: "5c945ab5-c75e-4bcb-8e5f-9410061c401f".parse().unwrap(),
            installation_id: InstallationId::new(installation),
            metadata: PhoneMetadata {
                model: Some("iPhone 17".to_owned()),
                ..PhoneMetadata::default()
            },
            occurred_at: Timestamp::from_millis(1_704_779_133_068),
        }
    }

    #[test]
    fn a_signed_event_is_accepted_and_understood() {
        let now = Timestamp::from_millis(1_704_779_134_000);
        let webhook = event("phone-a").sign(SECRET, now).unwrap();
        let headers = webhook
            .headers
            .iter()
            .map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap()))
            .collect();
        let keys = [ActiveKey {
            workspace_id: "398d80b7-3f96-47c2-b85a-6f8ba21d07be".parse().unwrap(),
            key: VerificationKey::parse(SECRET).unwrap(),
        }];
        let verified = UnverifiedWebhook::new(&headers, webhook.body.as_bytes())
            .verify(&keys, now)
            .unwrap();
        let crate::webhook::PhoneEvent::Registered {
            installation_id,
            occurred_at,
            metadata,
            ..
        } = crate::webhook::PhoneEvent::parse(&verified, now).unwrap()
        else {
            panic!("it registers a phone");
        };
        assert_eq!(installation_id, InstallationId::new("phone-a"));
        assert_eq!(
            (occurred_at, metadata.model.as_deref()),
            (Timestamp::from_millis(1_704_779_133_068), Some("iPhone 17"))
        );
    }

    #[test]
    fn what_is_printed_can_be_sent_as_it_is() {
        let webhook = event("Jane's phone").sign(SECRET, Timestamp::from_millis(0)).unwrap();
        let message = webhook.as_message();
        let (headers, body) = message.split_once("\n\n").unwrap();
        assert!(headers.starts_with("content-type: application/json\nwebhook-id: msg_"));
        assert_eq!(body, webhook.body);
        let curl = webhook.as_curl("http://127.0.0.1:9000/webhooks/phones");
        assert!(curl.contains(r"Jane'\''s phone"), "{curl}");
    }
}
