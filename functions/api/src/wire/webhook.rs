//! `webhook`.

use fobless::domain::{
    ids::WebhookId,
    secret::Secret,
    time::Timestamp,
    webhook::Webhook,
    webhook_health::{DisabledBecause, WebhookHealth},
};
use serde::Serialize;

use super::notices::Notices;

const DISABLED: &str = "webhook_disabled";
const FAILING: &str = "webhook_failing";

/// A webhook.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct WebhookObject {
    #[cfg_attr(test, schema(value_type = uuid::Uuid))]
    webhook_id: WebhookId,
    url: String,
    event_types: Vec<String>,
    /// Only for who makes it or asks for this one: a list of secrets is nobody's business.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<String>))]
    secret: Option<Secret>,
    is_disabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(format = DateTime))]
    disabled_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<String>))]
    disabled_because: Option<DisabledBecause>,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
    #[serde(flatten)]
    notices: Notices,
}

impl WebhookObject {
    pub(crate) fn of(webhook: &Webhook) -> Self {
        let disabled = match webhook.health {
            WebhookHealth::Disabled { at, because } => Some((at, because)),
            WebhookHealth::Healthy | WebhookHealth::Suspect { .. } | WebhookHealth::Failing { .. } => None,
        };
        Self {
            webhook_id: webhook.webhook_id,
            url: webhook.url.as_str().to_owned(),
            event_types: webhook.event_types(),
            secret: None,
            is_disabled: disabled.is_some(),
            disabled_at: disabled.map(|(at, _)| at.to_string()),
            disabled_because: disabled.map(|(_, because)| because),
            created_at: webhook.created_at.to_string(),
            notices: notices(webhook.health),
        }
    }

    pub(crate) fn with_secret(webhook: &Webhook) -> Self {
        Self {
            secret: Some(webhook.secret.clone()),
            ..Self::of(webhook)
        }
    }
}

fn notices(health: WebhookHealth) -> Notices {
    let mut notices = Notices::default();
    match health {
        WebhookHealth::Healthy => {}
        WebhookHealth::Suspect { first_failed_at: since } | WebhookHealth::Failing { since } => fails(&mut notices, since),
        WebhookHealth::Disabled { at, because } => {
            notices.blame(DISABLED, &format!("{because}; /webhooks/update enables it again"), at);
        }
    }
    notices
}

fn fails(notices: &mut Notices, since: Timestamp) {
    notices.warn(FAILING, "The receiver does not take events; it is tried again", since);
}
