//! The HTTP client that talks to the outside: credential managers, connectors, receivers of webhooks.

use std::{sync::Arc, time::Duration};

use reqwest::{Client, ClientBuilder, redirect, retry};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

/// A sandbox of Lambda is frozen between requests while the far side closes idle connections; a call on such a connection
/// breaks, and whether it was done is then unknown. A connection that was idle for longer is not used again.
const POOL_IDLE: Duration = Duration::from_secs(5);

/// How long to wait for the far side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the whole call, the reply's body included.
    pub request: Duration,
}

/// TLS could not be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the HTTP client can't be made: {0}")]
pub struct HttpClientError(pub(crate) String);

impl HttpClientError {
    pub(crate) fn of(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// A client that follows no redirects, reads no proxy from the environment, repeats nothing by itself, and trusts the
/// certificate authorities that are compiled in.
pub(crate) fn builder(timeouts: Timeouts) -> Result<ClientBuilder, HttpClientError> {
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(HttpClientError::of)?
        .with_root_certificates(RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        })
        .with_no_client_auth();
    Ok(Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.request)
        .pool_idle_timeout(POOL_IDLE))
}
