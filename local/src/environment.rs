//! The settings that the functions get. One list serves both ways of running them: those in this process read it through
//! `config`, those under `cargo lambda watch` get it as a file of environment variables.

use std::{collections::BTreeMap, io, path::Path};

use fobless::config::setting;
use hid_origo_simulator::Options as Simulated;
use reqwest::Url;
use serde_json::{Value, json};

use crate::{
    database::{REGION, TABLE},
    files,
    secrets_file::Secrets,
    seed,
};

/// The header that HID Origo's callbacks carry the secret in.
pub const CALLBACK_HEADER: &str = "x-fobless-callback-secret";

/// Settings by name.
#[derive(Clone)]
pub(crate) struct Environment(BTreeMap<&'static str, String>);

/// Where HID Origo is, as whom it is called, and whether it is believed.
pub(crate) struct HidOrigo<'a> {
    /// Serves tokens, events and callbacks, and under `/credential-management` Mobile Identities.
    pub(crate) base_url: &'a str,
    /// The organization and its system account.
    pub(crate) account: &'a Simulated,
    /// Whether what its callbacks name is believed without a read.
    pub(crate) trusts_callbacks: bool,
}

impl Environment {
    pub(crate) fn new(
        dynamodb: &str,
        hid_origo: &HidOrigo<'_>,
        connector: Option<&Url>,
        secrets: &Secrets,
        more_webhook_secrets: &[String],
    ) -> Self {
        let HidOrigo {
            base_url,
            account,
            trusts_callbacks,
        } = hid_origo;
        let system = seed::CREDENTIAL_MANAGER.to_string();
        let signers = std::iter::once(&secrets.webhook_secret).chain(more_webhook_secrets);
        let phone_webhook_secrets: Vec<Value> = signers
            .map(|secret| json!({"workspace_id": seed::WORKSPACE.to_string(), "secret": secret}))
            .collect();
        let callbacks = json!({&system: {
            "header": CALLBACK_HEADER,
            "secrets": [secrets.callback_secret],
            "trusted": trusts_callbacks,
        }});
        let credential_managers = json!({&system: {
            "kind": "hid_origo",
            "calls_per_5_minutes": account.calls_per_5_minutes,
            "base_urls": {
                "authentication": base_url,
                "mobile_identities": format!("{base_url}/credential-management"),
                "events": base_url,
                "callback": base_url,
            },
            "organization_id": account.organization_id,
            "client_id": account.client_id,
            "client_secret": account.client_secret,
            "application_id": account.application_id,
            "application_version": env!("CARGO_PKG_VERSION"),
        }});
        let bridges = connector.map(|url| {
            let bridge = json!({"kind": "bridge", "url": url.as_str(), "secret": secrets.connector_secret});
            json!({seed::BRIDGED_ACS_SYSTEM.to_string(): bridge})
        });
        let access_control = bridges.unwrap_or_else(|| json!({}));
        Self(BTreeMap::from([
            (setting::TABLE, TABLE.to_owned()),
            (setting::REGION, REGION.to_owned()),
            // The embedded DynamoDB lets everybody in, but wants to see a signature.
            (setting::ACCESS_KEY_ID, "local".to_owned()),
            (setting::SECRET_ACCESS_KEY, "local".to_owned()),
            (setting::DYNAMODB_ENDPOINT, dynamodb.to_owned()),
            (setting::PHONE_WEBHOOK_SECRETS, json!(phone_webhook_secrets).to_string()),
            (setting::HID_ORIGO_CALLBACKS, callbacks.to_string()),
            (setting::CREDENTIAL_MANAGERS, credential_managers.to_string()),
            (setting::ACCESS_CONTROL_SYSTEMS, access_control.to_string()),
            // Receivers that somebody tries out are on this machine, and have no certificate.
            (setting::LOCAL_WEBHOOK_TARGETS, "true".to_owned()),
        ]))
    }

    /// A setting by its name.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    /// Writes the settings for `cargo lambda watch --env-file`.
    ///
    /// Its parser wants quotes around a value with quotes, `=` or `#` in it, as JSON and base64 have. Single quotes leave such a
    /// value as it is, short of a backslash or another single quote, neither of which occurs in what this module makes.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let lines: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}='{value}'\n")).collect();
        files::replace(path, lines.concat().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use fobless::{
        config::{CredentialManagerSettings, Settings},
        webhook_delivery::WebhookTargets,
    };

    use super::*;

    #[test]
    fn the_functions_accept_every_setting() {
        let secrets = Secrets {
            api_key: "seam_dev0_0".to_owned(),
            webhook_secret: "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
            callback_secret: "0123456789abcdef".to_owned(),
            connector_secret: "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
        };
        let account = Simulated {
            calls_per_5_minutes: 77,
            ..Simulated::default()
        };
        let hid_origo = HidOrigo {
            base_url: "http://127.0.0.1:9001",
            account: &account,
            trusts_callbacks: false,
        };
        let connector = Url::parse("http://127.0.0.1:7000").unwrap();
        let environment = Environment::new("http://127.0.0.1:8000", &hid_origo, Some(&connector), &secrets, &[]);
        let read = |name: &str| environment.get(name);
        let settings = Settings::of(&read);
        assert!(
            settings
                .access_control_systems()
                .unwrap()
                .here()
                .unwrap()
                .contains_key(&seed::BRIDGED_ACS_SYSTEM)
        );
        assert_eq!(settings.table().unwrap(), TABLE);
        assert_eq!(settings.webhook_targets().unwrap(), WebhookTargets::PublicAndThisMachine);
        assert_eq!(settings.table_address().unwrap().endpoint.as_deref(), Some("http://127.0.0.1:8000"));
        assert_eq!(
            settings.phone_webhook_keys().unwrap().here().unwrap()[0].workspace_id,
            seed::WORKSPACE
        );
        assert_eq!(
            settings.hid_origo_callbacks().unwrap().here().unwrap()[&seed::CREDENTIAL_MANAGER].header,
            CALLBACK_HEADER
        );
        let managers = settings.credential_managers().unwrap().here().unwrap();
        let CredentialManagerSettings::HidOrigo {
            calls_per_5_minutes,
            connection,
        } = &managers[&seed::CREDENTIAL_MANAGER];
        assert_eq!(*calls_per_5_minutes, 77);
        assert_eq!(
            connection.base_urls.mobile_identities,
            "http://127.0.0.1:9001/credential-management"
        );
    }
}
