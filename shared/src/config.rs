//! Settings: the only module that reads the environment. What is missing or wrong is named by its setting, and stops the start.

use std::collections::BTreeMap;

use reqwest::Url;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    access_control::AccessControlSettings,
    credential_manager::hid_origo,
    domain::{
        ids::{AcsSystemId, WorkspaceId},
        secret::Secret,
    },
    http_client::is_this_machine,
    store::TableAddress,
    webhook::{ActiveKey, VerificationKey},
    webhook_delivery::WebhookTargets,
};

/// The names of the settings, for whoever starts a function.
pub mod setting {
    /// The table's name.
    pub const TABLE: &str = "FOBLESS_TABLE";
    /// JSON list of `{"workspace_id", "secret"}`: who may sign phone events, and for which workspace.
    pub const PHONE_WEBHOOK_SECRETS: &str = "FOBLESS_PHONE_WEBHOOK_SECRETS";
    /// JSON object of ACS system id to `{"header", "secrets"}`: what HID Origo's callbacks carry.
    pub const HID_ORIGO_CALLBACKS: &str = "FOBLESS_HID_ORIGO_CALLBACKS";
    /// JSON object of ACS system id to a credential manager's settings.
    pub const CREDENTIAL_MANAGERS: &str = "FOBLESS_CREDENTIAL_MANAGERS";
    /// JSON object of ACS system id to an access control system's settings. May be absent.
    pub const ACCESS_CONTROL_SYSTEMS: &str = "FOBLESS_ACCESS_CONTROL_SYSTEMS";
    /// `true` lets webhooks be sent to this very machine, and without TLS there. For `cargo dev` only: no deployment sets it.
    pub const LOCAL_WEBHOOK_TARGETS: &str = "FOBLESS_LOCAL_WEBHOOK_TARGETS";
    /// The AWS region.
    pub const REGION: &str = "AWS_REGION";
    /// Another DynamoDB endpoint than AWS's.
    pub const DYNAMODB_ENDPOINT: &str = "AWS_ENDPOINT_URL_DYNAMODB";
    /// The access key's id.
    pub const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
    /// The access key's secret.
    pub const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
    /// The session token.
    pub const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";
}

/// A setting that is missing or wrong.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It is not set, or empty.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// It is set to something that can't be used. The text says what is wrong, without the value.
    #[error("{setting} is not usable: {reason}")]
    Unusable {
        /// Which setting.
        setting: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// Where settings come from: the environment, or a test's list.
#[derive(Clone, Copy)]
pub struct Settings<'a>(&'a dyn Fn(&str) -> Option<String>);

/// Who may sign phone events.
#[derive(Deserialize)]
struct PhoneWebhookSecret {
    workspace_id: WorkspaceId,
    secret: Secret,
}

/// What the callbacks of one HID Origo organization carry.
#[derive(Clone, Debug, Deserialize)]
pub struct CallbackSecrets {
    /// The name of the header.
    pub header: String,
    /// What it may hold: two while one is being replaced by the other.
    pub secrets: Vec<Secret>,
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

impl Settings<'static> {
    /// The process's environment.
    #[must_use]
    pub const fn environment() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the config module")]
        fn read(name: &str) -> Option<String> {
            std::env::var(name).ok()
        }
        Self(&read)
    }
}

impl<'a> Settings<'a> {
    /// Settings from elsewhere.
    #[must_use]
    pub const fn of(read: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self(read)
    }

    fn optional(&self, setting: &'static str) -> Option<String> {
        (self.0)(setting).filter(|value| !value.trim().is_empty())
    }

    fn required(&self, setting: &'static str) -> Result<String, ConfigError> {
        self.optional(setting).ok_or(ConfigError::Missing(setting))
    }

    fn json<T: DeserializeOwned>(&self, setting: &'static str) -> Result<T, ConfigError> {
        let text = self.required(setting)?;
        serde_json::from_str(&text).map_err(|error| ConfigError::Unusable {
            setting,
            reason: without_values(&error),
        })
    }

    /// The table's name.
    pub fn table(&self) -> Result<String, ConfigError> {
        self.required(setting::TABLE)
    }

    /// Where the table is.
    pub fn table_address(&self) -> Result<TableAddress, ConfigError> {
        Ok(TableAddress {
            region: self.required(setting::REGION)?,
            endpoint: self.optional(setting::DYNAMODB_ENDPOINT).map(table_endpoint).transpose()?,
            access_key_id: self.required(setting::ACCESS_KEY_ID)?,
            secret_access_key: Secret::new(self.required(setting::SECRET_ACCESS_KEY)?),
            session_token: self.optional(setting::SESSION_TOKEN).map(Secret::new),
        })
    }

    /// Who may sign phone events. At least one.
    pub fn phone_webhook_keys(&self) -> Result<Vec<ActiveKey>, ConfigError> {
        let setting = setting::PHONE_WEBHOOK_SECRETS;
        let secrets: Vec<PhoneWebhookSecret> = self.json(setting)?;
        if secrets.is_empty() {
            return Err(ConfigError::Unusable {
                setting,
                reason: "it lists no secret".to_owned(),
            });
        }
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

    /// What HID Origo's callbacks carry, per organization. None is fine: then polling has to do.
    pub fn hid_origo_callbacks(&self) -> Result<BTreeMap<AcsSystemId, CallbackSecrets>, ConfigError> {
        let setting = setting::HID_ORIGO_CALLBACKS;
        let callbacks: BTreeMap<AcsSystemId, CallbackSecrets> = self.json(setting)?;
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

    /// The credential managers.
    pub fn credential_managers(&self) -> Result<BTreeMap<AcsSystemId, CredentialManagerSettings>, ConfigError> {
        self.json(setting::CREDENTIAL_MANAGERS)
    }

    /// The access control systems that have to be told. None is fine: then every system is a ledger.
    pub fn access_control_systems(&self) -> Result<BTreeMap<AcsSystemId, AccessControlSettings>, ConfigError> {
        let setting = setting::ACCESS_CONTROL_SYSTEMS;
        self.optional(setting).map_or_else(|| Ok(BTreeMap::new()), |_| self.json(setting))
    }

    /// Where webhooks may be sent: to public addresses, unless the setting says otherwise in so many letters.
    pub fn webhook_targets(&self) -> Result<WebhookTargets, ConfigError> {
        let setting = setting::LOCAL_WEBHOOK_TARGETS;
        match self.optional(setting).as_deref() {
            None | Some("false") => Ok(WebhookTargets::Public),
            Some("true") => Ok(WebhookTargets::PublicAndThisMachine),
            Some(_) => Err(ConfigError::Unusable {
                setting,
                reason: "it is neither true nor false".to_owned(),
            }),
        }
    }
}

/// The address of a table that is not AWS's own. Everything that is known of people crosses the network on the way to it.
fn table_endpoint(text: String) -> Result<String, ConfigError> {
    let url = Url::parse(text.trim());
    if url.is_ok_and(|url| url.scheme() == "https" || (url.scheme() == "http" && is_this_machine(&url))) {
        Ok(text)
    } else {
        Err(ConfigError::Unusable {
            setting: setting::DYNAMODB_ENDPOINT,
            reason: "it must be an https URL; plain http is for this machine's own addresses only".to_owned(),
        })
    }
}

/// What is wrong with a JSON text and where, but not what stands there: it may be a secret.
fn without_values(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        serde_json::error::Category::Syntax | serde_json::error::Category::Eof => "it is not JSON",
        serde_json::error::Category::Data | serde_json::error::Category::Io => "a field is missing or of the wrong type",
    };
    format!("{kind} (line {}, column {})", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_behind_tls_or_on_this_machine() {
        let endpoint = |url: &str| {
            let url = url.to_owned();
            let read = move |name: &str| {
                Some(if name == setting::DYNAMODB_ENDPOINT {
                    url.clone()
                } else {
                    "x".to_owned()
                })
            };
            Settings::of(&read).table_address().map(|address| address.endpoint)
        };
        for usable in [
            "http://127.0.0.1:8000",
            "http://localhost:8000/",
            "http://[::1]:1",
            "https://dynamodb.example",
        ] {
            assert_eq!(endpoint(usable).unwrap().as_deref(), Some(usable));
        }
        assert_eq!(endpoint("").unwrap(), None, "AWS's own");
        for odd in [
            "http://dynamodb.example",
            "http://10.0.0.1:8000",
            "http://127.0.0.1.example",
            "127.0.0.1:8000",
            "ftp://127.0.0.1",
        ] {
            let complaint = endpoint(odd).unwrap_err().to_string();
            assert!(
                complaint.contains(setting::DYNAMODB_ENDPOINT) && !complaint.contains(odd),
                "{complaint}"
            );
        }
    }
}
