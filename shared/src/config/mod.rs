//! Settings: the only module that reads the environment. What is missing or wrong is named by its setting, and stops the start.

mod secret_formats;
mod secret_setting;

use std::collections::BTreeMap;

use reqwest::Url;

use crate::{
    access_control::AccessControlSettings,
    aws::{AwsAddress, usable_roots},
    domain::ids::AcsSystemId,
    domain::secret::Secret,
    http_client::is_this_machine,
    secrets::SecretId,
    webhook::ActiveKey,
    webhook_delivery::WebhookTargets,
};

pub use self::{
    secret_formats::{CallbackSecrets, CredentialManagerSettings, PhoneWebhookSecret},
    secret_setting::{SecretPlace, SecretSetting},
};

/// The names of the settings, for whoever starts a function.
pub mod setting {
    /// The table's name.
    pub const TABLE: &str = "FOBLESS_TABLE";
    /// JSON list of `{"workspace_id", "secret"}`: who may sign phone events, and for which workspace.
    pub const PHONE_WEBHOOK_SECRETS: &str = "FOBLESS_PHONE_WEBHOOK_SECRETS";
    /// JSON object of ACS system id to `{"header", "secrets", "trusted"?}`: what HID Origo's callbacks carry, and whether they are believed.
    pub const HID_ORIGO_CALLBACKS: &str = "FOBLESS_HID_ORIGO_CALLBACKS";
    /// JSON object of ACS system id to a credential manager's settings.
    pub const CREDENTIAL_MANAGERS: &str = "FOBLESS_CREDENTIAL_MANAGERS";
    /// JSON object of ACS system id to an access control system's settings. May be absent.
    pub const ACCESS_CONTROL_SYSTEMS: &str = "FOBLESS_ACCESS_CONTROL_SYSTEMS";
    /// `true` lets webhooks be sent to this very machine, and without TLS there. For `cargo dev` only: no deployment sets it.
    pub const LOCAL_WEBHOOK_TARGETS: &str = "FOBLESS_LOCAL_WEBHOOK_TARGETS";
    /// The secret in Secrets Manager, by name or ARN, that holds what `FOBLESS_PHONE_WEBHOOK_SECRETS` would. The same goes for the others.
    pub const PHONE_WEBHOOK_SECRETS_ID: &str = "FOBLESS_PHONE_WEBHOOK_SECRETS_ID";
    /// As above.
    pub const HID_ORIGO_CALLBACKS_ID: &str = "FOBLESS_HID_ORIGO_CALLBACKS_ID";
    /// As above.
    pub const CREDENTIAL_MANAGERS_ID: &str = "FOBLESS_CREDENTIAL_MANAGERS_ID";
    /// As above.
    pub const ACCESS_CONTROL_SYSTEMS_ID: &str = "FOBLESS_ACCESS_CONTROL_SYSTEMS_ID";
    /// The address of the queue with what the stream's readers gave up, for an operator.
    pub const FAILED_RECORDS: &str = "FOBLESS_FAILED_RECORDS";
    /// The AWS region.
    pub const REGION: &str = "AWS_REGION";
    /// Another DynamoDB endpoint than AWS's.
    pub const DYNAMODB_ENDPOINT: &str = "AWS_ENDPOINT_URL_DYNAMODB";
    /// Another Secrets Manager endpoint than AWS's.
    pub const SECRETS_MANAGER_ENDPOINT: &str = "AWS_ENDPOINT_URL_SECRETS_MANAGER";
    /// Another endpoint for all services that have none of their own.
    pub const ENDPOINT: &str = "AWS_ENDPOINT_URL";
    /// A file with roots that certificates of AWS's endpoints may lead to beside AWS's own: for networks that look into TLS, and stand-ins. AWS's
    /// own tools trust the file alone; with them it names the same file.
    pub const CA_BUNDLE: &str = "AWS_CA_BUNDLE";
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
    /// It stands in Secrets Manager, where nobody looks from here.
    #[error("a secret is kept in Secrets Manager, and is needed here")]
    Elsewhere,
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

    /// A setting as it stands there, whatever it means.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        (self.0)(name)
    }

    fn optional(&self, setting: &'static str) -> Option<String> {
        (self.0)(setting).filter(|value| !value.trim().is_empty())
    }

    fn required(&self, setting: &'static str) -> Result<String, ConfigError> {
        self.optional(setting).ok_or(ConfigError::Missing(setting))
    }

    /// The table's name.
    pub fn table(&self) -> Result<String, ConfigError> {
        self.required(setting::TABLE)
    }

    /// Where the table is.
    pub fn table_address(&self) -> Result<AwsAddress, ConfigError> {
        self.address(setting::DYNAMODB_ENDPOINT)
    }

    /// Where Secrets Manager is.
    pub fn secrets_address(&self) -> Result<AwsAddress, ConfigError> {
        self.address(setting::SECRETS_MANAGER_ENDPOINT)
    }

    /// Where the services are that only an operator calls, and where the queue is with what the stream's readers gave up. `None`: there is
    /// none, as on one's own machine.
    pub fn failed_records(&self) -> Result<Option<(AwsAddress, String)>, ConfigError> {
        let Some(queue) = self.optional(setting::FAILED_RECORDS) else {
            return Ok(None);
        };
        Ok(Some((self.address(setting::ENDPOINT)?, queue)))
    }

    /// Roots that AWS's endpoints are trusted by beside AWS's own, as PEM. What can't be a root is left out.
    pub fn more_roots(&self) -> Result<Option<Vec<u8>>, ConfigError> {
        let Some(file) = self.optional(setting::CA_BUNDLE) else {
            return Ok(None);
        };
        let unusable = |reason| ConfigError::Unusable {
            setting: setting::CA_BUNDLE,
            reason,
        };
        let read = std::fs::read_to_string(file).map_err(|error| unusable(format!("its file can't be read: {error}")))?;
        let roots = usable_roots(&read).ok_or_else(|| unusable("its file has no certificate that can be a root".to_owned()))?;
        Ok(Some(roots))
    }

    fn address(&self, endpoint: &'static str) -> Result<AwsAddress, ConfigError> {
        let endpoint = [endpoint, setting::ENDPOINT]
            .into_iter()
            .find_map(|name| Some((name, self.optional(name)?)));
        Ok(AwsAddress {
            region: self.required(setting::REGION)?,
            endpoint: endpoint.map(|(name, url)| usable_endpoint(name, url)).transpose()?,
            access_key_id: self.required(setting::ACCESS_KEY_ID)?,
            secret_access_key: Secret::new(self.required(setting::SECRET_ACCESS_KEY)?),
            session_token: self.optional(setting::SESSION_TOKEN).map(Secret::new),
        })
    }

    /// Who may sign phone events.
    pub fn phone_webhook_keys(&self) -> Result<SecretSetting<Vec<ActiveKey>>, ConfigError> {
        self.secret(
            (setting::PHONE_WEBHOOK_SECRETS, setting::PHONE_WEBHOOK_SECRETS_ID),
            None,
            secret_formats::phone_webhook_keys,
        )
    }

    /// The same, as whoever signs needs them.
    pub fn phone_webhook_secrets(&self) -> Result<SecretSetting<Vec<PhoneWebhookSecret>>, ConfigError> {
        self.secret(
            (setting::PHONE_WEBHOOK_SECRETS, setting::PHONE_WEBHOOK_SECRETS_ID),
            None,
            secret_formats::phone_webhook_secrets,
        )
    }

    /// What HID Origo's callbacks carry, per organization. None is fine: then polling has to do.
    pub fn hid_origo_callbacks(&self) -> Result<SecretSetting<BTreeMap<AcsSystemId, CallbackSecrets>>, ConfigError> {
        self.secret(
            (setting::HID_ORIGO_CALLBACKS, setting::HID_ORIGO_CALLBACKS_ID),
            None,
            secret_formats::hid_origo_callbacks,
        )
    }

    /// The credential managers.
    pub fn credential_managers(&self) -> Result<SecretSetting<BTreeMap<AcsSystemId, CredentialManagerSettings>>, ConfigError> {
        self.secret(
            (setting::CREDENTIAL_MANAGERS, setting::CREDENTIAL_MANAGERS_ID),
            None,
            secret_formats::credential_managers,
        )
    }

    /// The access control systems that have to be told. None is fine: then every system is a ledger.
    pub fn access_control_systems(&self) -> Result<SecretSetting<BTreeMap<AcsSystemId, AccessControlSettings>>, ConfigError> {
        let names = (setting::ACCESS_CONTROL_SYSTEMS, setting::ACCESS_CONTROL_SYSTEMS_ID);
        self.secret(names, Some("{}"), secret_formats::access_control_systems)
    }

    /// A secret stands in Secrets Manager if the setting with `_ID` at its end says so, and otherwise in the setting itself.
    /// What it says where neither is set, `if_absent` has; `None`: then it is missing.
    fn secret<T>(
        &self,
        (text, id): (&'static str, &'static str),
        if_absent: Option<&str>,
        understand: fn(&str) -> Result<T, ConfigError>,
    ) -> Result<SecretSetting<T>, ConfigError> {
        let place = if let Some(id) = self.optional(id) {
            SecretPlace::SecretsManager(SecretId::new(id))
        } else {
            let text = self
                .optional(text)
                .or_else(|| if_absent.map(str::to_owned))
                .ok_or(ConfigError::Missing(text))?;
            SecretPlace::Here(Secret::new(text))
        };
        Ok(SecretSetting { place, understand })
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

/// The address of a service that is not AWS's own. Everything that is known of people crosses the network on the way to it.
fn usable_endpoint(setting: &'static str, text: String) -> Result<String, ConfigError> {
    let url = Url::parse(text.trim());
    if url.is_ok_and(|url| url.scheme() == "https" || (url.scheme() == "http" && is_this_machine(&url))) {
        Ok(text)
    } else {
        Err(ConfigError::Unusable {
            setting,
            reason: "it must be an https URL; plain http is for this machine's own addresses only".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_beside_aws_own_are_in_a_file_that_can_be_read() {
        let roots = |file: Option<&str>| {
            let file = file.map(str::to_owned);
            let read = move |name: &str| file.clone().filter(|_| name == setting::CA_BUNDLE);
            Settings::of(&read).more_roots()
        };
        assert!(roots(None).unwrap().is_none());
        let here = concat!(env!("CARGO_MANIFEST_DIR"), "/src/aws/amazon_roots.pem");
        assert!(roots(Some(here)).unwrap().is_some_and(|pem| pem.starts_with(b"-----BEGIN")));
        for odd in ["/nowhere/roots.pem", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")] {
            let complaint = roots(Some(odd)).unwrap_err().to_string();
            assert!(complaint.contains(setting::CA_BUNDLE), "{complaint}");
        }
    }

    #[test]
    fn a_table_is_behind_tls_or_on_this_machine() {
        let endpoint_in = |setting: &'static str, url: &str| {
            let url = url.to_owned();
            let read = move |name: &str| match name {
                setting::DYNAMODB_ENDPOINT | setting::ENDPOINT => (name == setting).then(|| url.clone()),
                _ => Some("x".to_owned()),
            };
            Settings::of(&read).table_address().map(|address| address.endpoint)
        };
        let endpoint = |url: &str| endpoint_in(setting::DYNAMODB_ENDPOINT, url);
        let of_all = endpoint_in(setting::ENDPOINT, "http://127.0.0.1:4566");
        assert_eq!(of_all.unwrap().as_deref(), Some("http://127.0.0.1:4566"));
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
