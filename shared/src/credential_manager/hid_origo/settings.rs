//! What an operator says about an HID Origo organization, and the one place where it is parsed. Behind it there are only
//! URLs, names and headers that are known to be usable.

use std::{fmt, time::Duration};

use http::HeaderValue;
use reqwest::Url;
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::identifier;
use crate::domain::secret::Secret;
pub use crate::http_client::Timeouts;

/// The hosts that may be called without TLS: this very machine.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// What must be known to call HID Origo for one organization.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    /// `"production"`, `"certification"`, or an object with the four URLs.
    pub base_urls: BaseUrls,
    /// The organization; without it, what stands before the first `-` of `client_id`.
    #[serde(default)]
    pub organization_id: Option<String>,
    /// The name of the Origo system account, `{organization_id}-OSRV{digits}`.
    pub client_id: String,
    /// The password of the system account.
    pub client_secret: Secret,
    /// The name of the product that HID has approved, `HID-{PARTNER}-{SOLUTION}`. HID refuses calls without it.
    pub application_id: String,
    /// The version of the product; HID takes any text.
    #[serde(default = "own_version")]
    pub application_version: String,
    /// How long a call may take in all.
    #[serde(default = "default_request_timeout")]
    pub request_timeout_ms: u64,
    /// How long it may take to connect.
    #[serde(default = "default_connect_timeout")]
    pub connect_timeout_ms: u64,
    /// The domain of the made-up e-mail addresses of people who have none.
    #[serde(default = "default_placeholder_domain")]
    pub placeholder_email_domain: String,
}

/// Where the services of HID Origo are. They share no host, not even a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrls {
    /// Issues access tokens.
    pub authentication: String,
    /// Mobile Identities; ends in `/credential-management` at HID.
    pub mobile_identities: String,
    /// Keeps past events and the filters over them.
    pub events: String,
    /// Keeps the registered callbacks.
    pub callback: String,
}

impl BaseUrls {
    /// The environment with real phones and real doors.
    #[must_use]
    pub fn production() -> Self {
        Self {
            authentication: "https://api.origo.hidglobal.com".to_owned(),
            mobile_identities: "https://ma.api.assaabloy.com/credential-management".to_owned(),
            events: "https://event.api.origo.hidglobal.com".to_owned(),
            callback: "https://callback.api.origo.hidglobal.com".to_owned(),
        }
    }

    /// The environment in which HID certifies partners.
    #[must_use]
    pub fn certification() -> Self {
        Self {
            authentication: "https://api.cert.origo.hidglobal.com".to_owned(),
            mobile_identities: "https://cert.mi.api.origo.hidglobal.com/credential-management".to_owned(),
            events: "https://event.api.cert.origo.hidglobal.com".to_owned(),
            callback: "https://callback.api.cert.origo.hidglobal.com".to_owned(),
        }
    }
}

impl<'de> Deserialize<'de> for BaseUrls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PresetOrUrls)
    }
}

/// Reads the name of a preset or an object. Not an untagged enum, whose errors don't say which URL is missing.
struct PresetOrUrls;

impl<'de> Visitor<'de> for PresetOrUrls {
    type Value = BaseUrls;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"production\", \"certification\" or an object with the URLs of the four services")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<BaseUrls, E> {
        match name {
            "production" => Ok(BaseUrls::production()),
            "certification" => Ok(BaseUrls::certification()),
            other => Err(E::unknown_variant(other, &["production", "certification"])),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<BaseUrls, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Urls {
            authentication: String,
            mobile_identities: String,
            events: String,
            callback: String,
        }
        let urls = Urls::deserialize(MapAccessDeserializer::new(map))?;
        Ok(BaseUrls {
            authentication: urls.authentication,
            mobile_identities: urls.mobile_identities,
            events: urls.events,
            callback: urls.callback,
        })
    }
}

/// A setting that can't be used. The text names it, and never shows a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not an absolute URL of a server, or one with a user, a query or a fragment.
    #[error("`{0}` is not the base URL of a service")]
    NotABaseUrl(&'static str),
    /// Our token would cross the network in the clear.
    #[error("`{0}` must be an https URL; plain http is for this machine's own addresses only")]
    PlainHttp(&'static str),
    /// No `organization_id`, and `client_id` doesn't begin with one; or it can't be a part of a URL.
    #[error("`organization_id` is missing or unusable, and can't be taken from `client_id`")]
    NoOrganization,
    /// Empty, or with characters that an HTTP header can't carry.
    #[error("`{0}` is empty or has characters that it can't have")]
    Unusable(&'static str),
    /// TLS could not be set up.
    #[error("{0}")]
    HttpClient(String),
}

impl Settings {
    /// How long to wait for HID.
    #[must_use]
    pub fn timeouts(&self) -> Timeouts {
        Timeouts {
            connect: Duration::from_millis(self.connect_timeout_ms),
            request: Duration::from_millis(self.request_timeout_ms),
        }
    }
}

/// The settings once they are known to be usable.
pub(super) struct Config {
    pub(super) token_url: Url,
    pub(super) mobile_identities: String,
    pub(super) events: String,
    pub(super) callbacks: String,
    pub(super) client_id: String,
    pub(super) client_secret: Secret,
    pub(super) application_id: HeaderValue,
    pub(super) application_version: HeaderValue,
    pub(super) request_timeout: Duration,
    pub(super) placeholder_email_domain: String,
}

impl Config {
    /// Every URL gets its organization here, so that no call can forget it.
    pub(super) fn parse(settings: &Settings) -> Result<Self, SettingsError> {
        let organization = organization_of(settings)?;
        let urls = &settings.base_urls;
        let authentication = base_url("base_urls.authentication", &urls.authentication)?;
        let mobile_identities = base_url("base_urls.mobile_identities", &urls.mobile_identities)?;
        let events = base_url("base_urls.events", &urls.events)?;
        let callback = base_url("base_urls.callback", &urls.callback)?;
        let token_url = Url::parse(&format!("{authentication}/authentication/customer/{organization}/token"))
            .map_err(|_| SettingsError::NotABaseUrl("base_urls.authentication"))?;
        Ok(Self {
            token_url,
            mobile_identities: format!("{mobile_identities}/customer/{organization}"),
            events: format!("{events}/organization/{organization}"),
            callbacks: format!("{callback}/organization/{organization}"),
            client_id: filled("client_id", &settings.client_id)?.to_owned(),
            client_secret: Secret::new(filled("client_secret", settings.client_secret.expose())?),
            application_id: header("application_id", &settings.application_id)?,
            application_version: header("application_version", &settings.application_version)?,
            request_timeout: timeout("request_timeout_ms", settings.request_timeout_ms)?,
            placeholder_email_domain: domain("placeholder_email_domain", &settings.placeholder_email_domain)?,
        })
    }
}

/// HID makes the names of system accounts from the organization's id, a `-` and a number.
fn organization_of(settings: &Settings) -> Result<&str, SettingsError> {
    let derived = || settings.client_id.split_once('-').map(|(organization, _)| organization);
    let organization = settings.organization_id.as_deref().or_else(derived).unwrap_or_default().trim();
    identifier::is_usable(organization)
        .then_some(organization)
        .ok_or(SettingsError::NoOrganization)
}

fn base_url(setting: &'static str, text: &str) -> Result<String, SettingsError> {
    let url = Url::parse(text.trim()).map_err(|_| SettingsError::NotABaseUrl(setting))?;
    let host = url.host_str().unwrap_or_default();
    match url.scheme() {
        "https" => {}
        "http" if LOOPBACK.contains(&host) => {}
        "http" => return Err(SettingsError::PlainHttp(setting)),
        _ => return Err(SettingsError::NotABaseUrl(setting)),
    }
    let has_more = !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some();
    if has_more {
        Err(SettingsError::NotABaseUrl(setting))
    } else {
        Ok(url.as_str().trim_end_matches('/').to_owned())
    }
}

fn filled<'a>(setting: &'static str, text: &'a str) -> Result<&'a str, SettingsError> {
    Some(text.trim())
        .filter(|text| !text.is_empty())
        .ok_or(SettingsError::Unusable(setting))
}

fn header(setting: &'static str, text: &str) -> Result<HeaderValue, SettingsError> {
    HeaderValue::from_str(filled(setting, text)?).map_err(|_| SettingsError::Unusable(setting))
}

fn timeout(setting: &'static str, millis: u64) -> Result<Duration, SettingsError> {
    if millis == 0 {
        Err(SettingsError::Unusable(setting))
    } else {
        Ok(Duration::from_millis(millis))
    }
}

fn domain(setting: &'static str, text: &str) -> Result<String, SettingsError> {
    let text = filled(setting, text)?.to_ascii_lowercase();
    let usable = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    usable.then_some(text).ok_or(SettingsError::Unusable(setting))
}

fn own_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

fn default_request_timeout() -> u64 {
    10_000
}

fn default_connect_timeout() -> u64 {
    3_000
}

fn default_placeholder_domain() -> String {
    "fobless.invalid".to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings(base_urls: &serde_json::Value) -> Settings {
        serde_json::from_value(json!({
            "base_urls": base_urls, "client_id": "1000042-OSRV1", "client_secret": "hush", "application_id": "HID-FOBLESS-TEST"
        }))
        .unwrap()
    }

    fn with_callback(url: &str) -> Result<Config, SettingsError> {
        let mut settings = settings(&json!("production"));
        url.clone_into(&mut settings.base_urls.callback);
        Config::parse(&settings)
    }

    #[test]
    fn a_preset_needs_only_the_account_and_the_organization_comes_from_its_name() {
        let config = Config::parse(&settings(&json!("production"))).unwrap();
        assert_eq!(
            config.token_url.as_str(),
            "https://api.origo.hidglobal.com/authentication/customer/1000042/token"
        );
        assert_eq!(
            config.mobile_identities,
            "https://ma.api.assaabloy.com/credential-management/customer/1000042"
        );
        assert_eq!(config.request_timeout, Duration::from_secs(10));
        assert!(
            serde_json::from_value::<BaseUrls>(json!("staging"))
                .unwrap_err()
                .to_string()
                .contains("certification")
        );
    }

    #[test]
    fn an_explicit_organization_wins() {
        let mut settings = settings(&json!("certification"));
        settings.organization_id = Some("7".to_owned());
        assert!(Config::parse(&settings).unwrap().events.ends_with("/organization/7"));
        settings.organization_id = Some("../7".to_owned());
        assert_eq!(Config::parse(&settings).err(), Some(SettingsError::NoOrganization));
    }

    #[test]
    fn plain_http_is_for_this_machine_only_and_the_error_names_the_setting() {
        for own in ["http://127.0.0.1:9001/", "http://localhost:9001", "http://[::1]:9001/x"] {
            assert!(with_callback(own).is_ok(), "{own}");
        }
        for plain in [
            "http://hid.example",
            "http://127.0.0.1.example",
            "http://localhost.example",
            "http://10.0.0.1",
        ] {
            assert_eq!(
                with_callback(plain).err(),
                Some(SettingsError::PlainHttp("base_urls.callback")),
                "{plain}"
            );
        }
        for odd in [
            "",
            "hid.example",
            "ftp://127.0.0.1",
            "https://user@hid.example",
            "https://hid.example/?a=b",
            "https://hid.example/#a",
        ] {
            assert_eq!(
                with_callback(odd).err(),
                Some(SettingsError::NotABaseUrl("base_urls.callback")),
                "{odd}"
            );
        }
    }

    #[test]
    fn a_missing_url_is_named() {
        let error = serde_json::from_value::<BaseUrls>(json!({ "authentication": "https://a.example" })).unwrap_err();
        assert!(error.to_string().contains("mobile_identities"), "{error}");
    }

    #[test]
    fn settings_do_not_show_the_secret() {
        assert!(!format!("{:?}", settings(&json!("production"))).contains("hush"));
    }
}
