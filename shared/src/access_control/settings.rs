//! What an operator says about an access control system outside of the table. A system without settings is a ledger.

use serde::Deserialize;

use crate::domain::secret::Secret;

/// An access control system that has to be told, as the issuer needs it.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AccessControlSettings {
    /// A connector of the customer's own.
    Bridge {
        /// Where the connector listens. It may have a query, but nothing in a URL counts as secret: what proves who asks is the
        /// signature.
        url: String,
        /// What requests are signed with, as in Standard Webhooks: `whsec_` and 24 to 64 bytes in base64.
        secret: Secret,
        /// How long a call may take in all; 10 if absent.
        #[serde(default)]
        timeout_seconds: Option<u64>,
    },
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Settings;

    fn set_to(text: Option<&str>) -> Result<usize, String> {
        let read = |name: &str| text.filter(|_| name == "FOBLESS_ACCESS_CONTROL_SYSTEMS").map(str::to_owned);
        let systems = Settings::of(&read).access_control_systems().and_then(|setting| setting.here());
        systems.map(|systems| systems.len()).map_err(|error| error.to_string())
    }

    #[test]
    fn no_setting_means_that_every_system_is_a_ledger() {
        assert_eq!(set_to(None), Ok(0));
        assert_eq!(set_to(Some(" ")), Ok(0));
        assert_eq!(set_to(Some("{}")), Ok(0));
    }

    #[test]
    fn a_setting_that_cannot_be_read_is_named_and_not_shown() {
        let bridge = json!({ "kind": "bridge", "url": "https://doors.example", "secret": "hush", "timeout_seconds": 5 });
        let id = "22222222-2222-4222-8222-222222222222";
        assert_eq!(set_to(Some(&json!({ id: bridge }).to_string())), Ok(1));
        for wrong in [json!({ "doors": bridge }), json!({ id: "hush" }), json!([bridge])] {
            let complaint = set_to(Some(&wrong.to_string())).unwrap_err();
            assert!(
                complaint.starts_with("FOBLESS_ACCESS_CONTROL_SYSTEMS is not usable: "),
                "{complaint}"
            );
            assert!(!complaint.contains("hush"));
        }
    }

    #[test]
    fn a_bridge_needs_a_url_and_a_secret_and_shows_no_secret() {
        let read = |settings| serde_json::from_value::<AccessControlSettings>(settings);
        let bridge = read(json!({ "kind": "bridge", "url": "https://doors.example", "secret": "hush" })).unwrap();
        assert!(!format!("{bridge:?}").contains("hush"));
        assert!(matches!(bridge, AccessControlSettings::Bridge { timeout_seconds: None, .. }));
        assert!(read(json!({ "kind": "bridge", "url": "https://doors.example" })).is_err());
        assert!(read(json!({ "kind": "ledger" })).is_err(), "a ledger has no settings");
    }
}
