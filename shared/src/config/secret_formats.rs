//! How the settings that are secret are written: JSON, in the environment and in Secrets Manager alike. What is wrong with one is said
//! without what stands there.

use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};

use super::{ConfigError, setting};
use crate::{
    access_control::AccessControlSettings,
    credential_manager::hid_origo,
    domain::{
        ids::{AcsSystemId, WorkspaceId},
        secret::Secret,
    },
    webhook::{ActiveKey, VerificationKey},
};

/// Who may sign phone events.
#[derive(Clone, Debug, Deserialize)]
pub struct PhoneWebhookSecret {
    /// Of which workspace.
    pub workspace_id: WorkspaceId,
    /// With what: `whsec_...`.
    pub secret: Secret,
}

/// What the callbacks of one HID Origo organization carry.
#[derive(Clone, Debug, Deserialize)]
pub struct CallbackSecrets {
    /// The name of the header.
    pub header: String,
    /// What it may hold: two while one is being replaced by the other.
    pub secrets: Vec<Secret>,
    /// Whether what they name is believed without a read: docs/decisions/0025-callbacks-that-are-trusted.md.
    #[serde(default)]
    pub trusted: bool,
}

/// A credential manager, as the issuer needs it.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CredentialManagerSettings {
    /// A HID Origo organization.
    HidOrigo {
        /// How many calls the organization allows us in five minutes.
        #[serde(default = "default_calls_per_5_minutes")]
        calls_per_5_minutes: u32,
        /// The organization, its hosts and our keys.
        #[serde(flatten)]
        connection: Box<hid_origo::Settings>,
    },
}

const fn default_calls_per_5_minutes() -> u32 {
    300
}

/// None is fine, and then nobody may: keys that are taken away have to be gone.
pub(super) fn phone_webhook_keys(text: &str) -> Result<Vec<ActiveKey>, ConfigError> {
    let setting = setting::PHONE_WEBHOOK_SECRETS;
    let secrets = phone_webhook_secrets(text)?;
    let parse = |(index, entry): (usize, PhoneWebhookSecret)| {
        let key = VerificationKey::parse(entry.secret.expose()).map_err(|error| ConfigError::Unusable {
            setting,
            reason: format!("entry {index}: {error}"),
        })?;
        Ok(ActiveKey {
            workspace_id: entry.workspace_id,
            key,
        })
    };
    secrets.into_iter().enumerate().map(parse).collect()
}

/// The same, as whoever signs needs them.
pub(super) fn phone_webhook_secrets(text: &str) -> Result<Vec<PhoneWebhookSecret>, ConfigError> {
    json(setting::PHONE_WEBHOOK_SECRETS, text)
}

pub(super) fn hid_origo_callbacks(text: &str) -> Result<BTreeMap<AcsSystemId, CallbackSecrets>, ConfigError> {
    let setting = setting::HID_ORIGO_CALLBACKS;
    let callbacks: BTreeMap<AcsSystemId, CallbackSecrets> = json(setting, text)?;
    for (system, callback) in &callbacks {
        let problem = if http::HeaderName::try_from(&callback.header).is_err() {
            "its header is no header name"
        } else if callback.secrets.is_empty() || callback.secrets.iter().any(|secret| secret.expose().len() < 16) {
            "it needs secrets of at least 16 characters"
        } else {
            continue;
        };
        return Err(ConfigError::Unusable {
            setting,
            reason: format!("{system}: {problem}"),
        });
    }
    Ok(callbacks)
}

pub(super) fn credential_managers(text: &str) -> Result<BTreeMap<AcsSystemId, CredentialManagerSettings>, ConfigError> {
    json(setting::CREDENTIAL_MANAGERS, text)
}

pub(super) fn access_control_systems(text: &str) -> Result<BTreeMap<AcsSystemId, AccessControlSettings>, ConfigError> {
    json(setting::ACCESS_CONTROL_SYSTEMS, text)
}

fn json<T: DeserializeOwned>(setting: &'static str, text: &str) -> Result<T, ConfigError> {
    serde_json::from_str(text).map_err(|error| ConfigError::Unusable {
        setting,
        reason: without_values(&error),
    })
}

/// What is wrong with a JSON text and where, but not what stands there: it may be a secret.
fn without_values(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        serde_json::error::Category::Syntax | serde_json::error::Category::Eof => "it is not JSON",
        serde_json::error::Category::Data | serde_json::error::Category::Io => "a field is missing or of the wrong type",
    };
    format!("{kind} (line {}, column {})", error.line(), error.column())
}
