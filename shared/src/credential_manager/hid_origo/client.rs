//! The HTTP client that talks to HID. One can serve any number of adapters.

use std::{sync::Arc, time::Duration};

use reqwest::{Client, redirect, retry};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use super::settings::{SettingsError, Timeouts};

/// A sandbox of Lambda is frozen between requests while the far side closes idle connections; a call on such a connection
/// breaks, and whether it was done is then unknown. A connection that was idle for longer is not used again.
const POOL_IDLE: Duration = Duration::from_secs(5);

/// A client that follows no redirects, reads no proxy from the environment, repeats nothing by itself, and trusts the
/// certificate authorities that are compiled in.
pub fn http_client(timeouts: Timeouts) -> Result<Client, SettingsError> {
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| SettingsError::HttpClient(error.to_string()))?
        .with_root_certificates(RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        })
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.request)
        .pool_idle_timeout(POOL_IDLE)
        .build()
        .map_err(|error| SettingsError::HttpClient(error.to_string()))
}
